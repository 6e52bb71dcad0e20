"""Octets keep through gates and on their way out, in whatever pieces they come."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odcore.blob.incoming import Incoming, Memory
from odmail.delivery.bodies import Leaving
from odmail.delivery.inbound import Arrival
from odmail.delivery.local import shifted
from odmail.delivery.ports import Delivered
from odmail.message.parse import parse

LINE = st.sampled_from(
    [
        b"",
        b"From: a@b",
        b" folded",
        b"Subject: x",
        b"Content-Type: multipart/mixed; boundary=q",
        b"--q",
        b"--q--",
        b"text",
    ]
)
MESSAGE = st.lists(LINE, max_size=25).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


@given(MESSAGE, st.lists(st.integers(0, 300), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_any_split_of_a_message_gives_the_same_octets(tmp_path: Path, message: bytes, cuts: list[int]):
    got: list[bytes] = []

    def hand_over(source) -> Delivered:
        got.append(bytes(source.view()))
        return Delivered("", ())

    edges = sorted(min(cut, len(message)) for cut in cuts)
    whole = Arrival(Incoming(tmp_path), b"Trace: 1\r\n", None, hand_over, 1 << 20)
    whole.write(message)
    whole.finish()
    pieces = Arrival(Incoming(tmp_path), b"Trace: 1\r\n", lambda fields: fields, hand_over, 1 << 20)
    for start, end in zip([0, *edges], [*edges, len(message)], strict=True):
        pieces.write(message[start:end])
    pieces.finish()
    assert got[0] == got[1] == b"Trace: 1\r\n" + message


@given(MESSAGE)
@settings(max_examples=200, deadline=None)
def test_a_field_put_in_front_moves_the_parse_and_changes_nothing_else(message: bytes):
    prefix = b"Delivered-To: somebody@odisha.example\r\n"
    trace = b"Received: by x; y\r\n"
    assert shifted(parse(trace + message), len(prefix)) == parse(prefix + trace + message)


@given(st.binary(max_size=60), st.binary(max_size=40), st.integers(0, 120), st.integers(-1, 120), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_leaving_body_reads_like_one_run_of_octets(octets, prefix, offset, length, stamped):
    stored = b"Return-Path: <a@b>\r\n" + octets if stamped else b"X" + octets
    expected = prefix + (octets if stamped else stored)
    body = Leaving(Memory(stored), prefix)
    assert body.size == len(expected)
    assert body.read() == expected
    assert body.read(offset, length) == (expected[offset:] if length < 0 else expected[offset : offset + length])


@pytest.mark.parametrize("octets", [b"Return-Path: <a@b>\r\n", b"Return-Path: x"])
def test_a_body_of_nothing_but_a_return_path_leaves_as_nothing(octets):
    assert Leaving(Memory(octets)).read() in (b"", octets)
