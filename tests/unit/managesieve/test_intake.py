"""Limits of ManageSieve hold before memory is spent (A21), and each failure has its code."""

import pytest

from odcore.errors import Kind
from odmail.managesieve.faults import CODES
from odmail.managesieve.intake import Broken, Intake, TooLarge, Whole
from odmail.managesieve.writer import string
from odmail.sieve.limits import SCRIPT


def take(*pieces: bytes, known: bool = True) -> list[object]:
    intake = Intake()
    intake.widen(known=known)
    events = []
    for piece in pieces:
        intake.framer.feed(piece)
        while (event := intake.next()) is not None:
            events.append(event)
            if isinstance(event, Broken):
                return events
    return events


def test_a_script_of_the_greatest_size_is_taken() -> None:
    """With its name before it."""
    (event,) = take(b'PUTSCRIPT "x" {%d+}\r\n' % SCRIPT, b"#" * SCRIPT, b"\r\n")
    assert isinstance(event, Whole)
    assert len(event.data) > SCRIPT


def test_a_literal_too_large_is_dropped_and_the_stream_goes_on() -> None:
    """None of its octets is kept, and the next command is read."""
    size = 20 << 20
    intake = Intake()
    intake.widen(known=True)
    intake.framer.feed(b'PUTSCRIPT "x" {%d+}\r\n' % size)
    for _ in range(size >> 16):
        intake.framer.feed(b"x" * (1 << 16))
        assert intake.next() is None
        assert intake.framer.waiting == 0
    intake.framer.feed(b"\r\nNOOP\r\n")
    assert isinstance(intake.next(), TooLarge)
    assert intake.next() == Whole(b"NOOP")


@pytest.mark.parametrize(
    "octets", [b"x" * 20_000, b'PUTSCRIPT "x" {99999999999+}\r\n', b"{100000000000000000000+}\r\n"]
)
def test_what_can_never_end_well_ends_the_conversation(octets: bytes) -> None:
    """A line without end, a literal nobody could send."""
    assert isinstance(take(octets)[-1], Broken)


def test_a_stranger_may_say_little() -> None:
    """Before sign-in 8 KiB."""
    assert take(b'AUTHENTICATE "PLAIN" {9000+}\r\n', b"x" * 9000, b"\r\n", known=False) == [TooLarge()]
    many = b"{1000+}\r\n" + b"x" * 1000
    assert take(b"NOOP " + b" ".join([many] * 10) + b"\r\n", known=False) == [TooLarge()]


def test_every_kind_of_failure_has_a_code() -> None:
    """None is missing."""
    assert set(CODES) == set(Kind)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", b'"plain"'),
        ('a "b" \\', rb'"a \"b\" \\"'),
        ("", b'""'),
        ("two\r\nlines", b"{10}\r\ntwo\r\nlines"),
        ("ଛୁଟି", '"ଛୁଟି"'.encode()),
        ("x" * 1025, b"{1025}\r\n" + b"x" * 1025),
    ],
)
def test_strings_are_quoted_or_literal(text: str, written: bytes) -> None:
    """As the grammar asks."""
    assert string(text) == written
