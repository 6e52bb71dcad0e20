"""Gates: no relaying in any spelling (A9), nobody sends as another (A10), every recipient's answer by LMTP."""

import errno
import os
from pathlib import Path

import msgspec
import pytest

from odcore.config.types import Size
from odcore.errors import Fault, Kind
from odmail.delivery import trace
from odmail.delivery.settings import DeliverySettings
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.smtp.types import FAULTS
from odtest.postroom import BIBHU, COLLECTOR, MX, SASMITA, PostRoom, principal

SUBMISSION = Origin("submission", "198.51.100.4", "laptop", "TLSv1.3", SASMITA.id, SASMITA.id)
LETTER = b"From: sasmita.nayak@odisha.example\r\nTo: x@y.example\r\nSubject: hello\r\n\r\nbody\r\n"


@pytest.fixture
def room(tmp_path: Path):
    made = PostRoom(tmp_path)
    yield made
    made.close()


def refusal(call, *args) -> Kind | None:
    try:
        call(*args)
    except Fault as fault:
        return fault.kind
    return None


def take_in(gate, octets: bytes, *recipients: str, origin: Origin = MX, sender="a@peer.example", signed_in=None):
    envelope = Envelope(sender, tuple(Recipient(address) for address in recipients))
    inbound = gate.receive(envelope, origin, signed_in)
    inbound.write(octets)
    return inbound.finish()


@pytest.mark.parametrize(
    "address",
    [
        "user@foreign.example",
        "user@[192.0.2.1]",
        "user@[127.0.0.1]",
        "user@[IPv6:::1]",
        "user@odisha.example.foreign.example",
        "user@foreignodisha.example",
        "user@sub.odisha.example",
        "user@localhost",
        '"sasmita.nayak@odisha.example"@foreign.example',
        "sasmita.nayak@odisha.example@foreign.example",
        "sasmita.nayak%odisha.example@foreign.example",
        "@",
        "user@",
    ],
)
def test_the_mx_relays_to_no_foreign_domain_however_it_is_written(room, address):
    assert refusal(room.mx.recipient, address, None) is Kind.DENIED
    assert refusal(room.mx.recipient, address, principal(SASMITA)) is Kind.DENIED
    assert refusal(room.lmtp.recipient, address, None) is Kind.DENIED


@pytest.mark.parametrize(
    "address",
    [
        "user%foreign.example@odisha.example",
        "foreign.example!user@odisha.example",
        '"user@foreign.example"@odisha.example',
        "user@foreign.example@odisha.example",
        "nobody@odisha.example",
        "-oQ/tmp@odisha.example",
        "|cmd@odisha.example",
    ],
)
def test_a_hidden_foreign_address_is_an_unknown_user(room, address):
    assert refusal(room.mx.recipient, address, None) is Kind.NOT_FOUND


@pytest.mark.parametrize(
    "address", ["sasmita.nayak@odisha.example", "Sasmita.Nayak@ODISHA.example", "sasmita.nayak+x@odisha.example"]
)
def test_the_mx_takes_mail_for_ours_from_anybody(room, address):
    assert refusal(room.mx.sender, "", None) is None
    assert refusal(room.mx.sender, "anybody@peer.example", None) is None
    assert refusal(room.mx.recipient, address, None) is None


def test_the_bare_postmaster_is_the_default_domains(room):
    assert refusal(room.mx.recipient, "postmaster", None) is Kind.NOT_FOUND
    room.town.aliases["postmaster@odisha.example"] = (SASMITA.address,)
    room.town.changed()
    assert refusal(room.mx.recipient, "postmaster", None) is None


def test_a_directory_that_is_away_never_says_no_such_user(room):
    room.town.down = True
    for gate in (room.mx, room.lmtp):
        assert refusal(gate.recipient, "nobody@odisha.example", None) is Kind.TRY_LATER
    assert refusal(room.submission.recipient, "nobody@odisha.example", principal(SASMITA)) is Kind.TRY_LATER
    assert refusal(room.submission.sender, SASMITA.address, principal(SASMITA)) is Kind.TRY_LATER


def test_the_mx_knows_whom_it_let_in_a_moment_ago_until_the_directory_changes(room):
    assert not room.mx.knows(SASMITA.address)
    room.mx.recipient(SASMITA.address, None)
    assert refusal(room.mx.recipient, "nobody@odisha.example", None) is Kind.NOT_FOUND
    assert room.mx.knows(SASMITA.address)
    assert not room.mx.knows("nobody@odisha.example")
    room.town.changed()
    assert not room.mx.knows(SASMITA.address)


def test_no_other_gate_lets_anybody_in_from_memory(room):
    room.lmtp.recipient(SASMITA.address, None)
    room.submission.recipient(SASMITA.address, principal(SASMITA))
    assert not room.lmtp.knows(SASMITA.address)
    assert not room.submission.knows(SASMITA.address)


def test_a_full_mailbox_is_refused_at_rcpt(room):
    room.store.set_quota(SASMITA.id, 10)
    take_in(room.lmtp, LETTER, BIBHU.address)
    room.store.set_quota(BIBHU.id, 10)
    assert refusal(room.mx.recipient, BIBHU.address, None) is Kind.OVER_QUOTA
    assert refusal(room.mx.recipient, SASMITA.address, None) is None


def test_a_nearly_full_disk_refuses_with_a_temporary_fault(tmp_path):
    room = PostRoom(tmp_path, DeliverySettings(least_free=Size(1 << 62)))
    assert refusal(room.mx.sender, "a@peer.example", None) is Kind.NO_SPACE
    assert refusal(room.submission.sender, SASMITA.address, principal(SASMITA)) is Kind.NO_SPACE
    assert refusal(room.lmtp.receive, Envelope("", ()), MX, None) is Kind.NO_SPACE
    room.close()


def test_a_disk_that_fills_up_under_a_message_refuses_it_for_now(room, monkeypatch):
    """452 4.3.1, and neither file nor row stays."""

    def full(*_):
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert refusal(take_in, room.mx, LETTER + b"x" * 200_000, SASMITA.address) is Kind.NO_SPACE
    assert FAULTS[Kind.NO_SPACE] == (452, "4.3.1")
    assert room.queue.list() == []
    assert not [path for path in room.folder.glob("queue/*/**/*") if path.is_file()]
    take_in(room.mx, LETTER + b"x" * 200_000, SASMITA.address)
    assert len(room.queue.list()) == 1


def test_nobody_submits_without_signing_in(room):
    assert refusal(room.submission.sender, SASMITA.address, None) is Kind.DENIED
    assert refusal(room.submission.recipient, SASMITA.address, None) is Kind.DENIED
    assert refusal(room.submission.receive, Envelope("", ()), SUBMISSION, None) is Kind.DENIED


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (SASMITA.address, None),
        ("", None),
        (BIBHU.address, Kind.DENIED),
        (COLLECTOR.address, Kind.DENIED),
        ("ceo@foreign.example", Kind.DENIED),
    ],
)
def test_the_envelope_sender_is_ones_own(room, address, expected):
    assert refusal(room.submission.sender, address, principal(SASMITA)) is expected


def test_signed_in_to_a_post_one_sends_as_the_post(room):
    assert refusal(room.submission.sender, COLLECTOR.address, principal(COLLECTOR)) is None


def test_submission_goes_anywhere_but_to_unknown_users_of_ours(room):
    assert refusal(room.submission.recipient, "anybody@foreign.example", principal(SASMITA)) is None
    assert refusal(room.submission.recipient, "nobody@odisha.example", principal(SASMITA)) is Kind.NOT_FOUND


def test_a_submitted_letter_is_queued_with_its_trace_and_no_word_of_the_senders_network(room):
    told = take_in(
        room.submission, LETTER, "x@y.example", origin=SUBMISSION, signed_in=principal(SASMITA), sender="s@o"
    )
    octets = room.queue.read(told.id).read()
    lines = octets.split(b"\r\n")
    assert lines[0] == b"Return-Path: <s@o>"
    assert lines[1].startswith(b"Received: by mail.odisha.example with ESMTPSA id " + told.id.encode()[:1])
    assert told.id.encode() in lines[1] + lines[2]
    assert b"198.51.100.4" not in octets
    assert b"laptop" not in octets
    assert b"x@y.example" not in octets.split(b"From:")[0]
    assert b"\r\nDate: " in octets
    assert b"\r\nMessage-ID: <" in octets
    assert octets.endswith(LETTER.split(b"\r\n\r\n")[1])


def test_a_letter_from_outside_is_queued_octet_for_octet_behind_its_trace(room):
    told = take_in(room.mx, LETTER, SASMITA.address)
    octets = room.queue.read(told.id).read()
    assert octets.endswith(LETTER)
    trace = octets[: -len(LETTER)].decode()
    assert trace.startswith("Return-Path: <a@peer.example>\r\nReceived: from mx.peer.example ([192.0.2.7])\r\n\tby ")
    assert f"id {told.id}" in trace
    assert f"for <{SASMITA.address}>" in trace
    assert told.faults == (None,)


def test_two_recipients_are_not_told_of_each_other(room):
    told = take_in(room.mx, LETTER, SASMITA.address, BIBHU.address)
    assert b"bibhu" not in room.queue.read(told.id).read()


def test_what_a_client_calls_itself_cannot_break_the_header(room):
    origin = Origin("mx", "2001:db8::7", "x\r\nEvil: 1 (", "TLSv1.3)\r\n(")
    octets = room.queue.read(take_in(room.mx, LETTER, SASMITA.address, origin=origin).id).read()
    assert b"\r\nEvil" not in octets
    assert b"[IPv6:2001:db8::7]" in octets


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\0", "\x85", "\u2028"])
def test_no_address_breaks_out_of_its_line(sign):
    """Whatever let it come so far: the trace stays a trace."""
    evil = f"a{sign}Evil: 1@peer.example"
    written = trace.return_path(evil) + trace.delivered_to(evil)
    written += trace.received(Envelope(evil, (Recipient(evil),)), MX, "mail.odisha.example", "1")
    assert not any(line.startswith("Evil") for line in written.decode().splitlines())
    assert "\0" not in written.decode()


def test_more_than_fifty_hops_are_a_circle(room):
    assert take_in(room.mx, b"Received: x\r\n" * 50 + LETTER, SASMITA.address)
    with pytest.raises(Fault) as fault:
        take_in(room.mx, b"Received: x\r\n" * 51 + LETTER, SASMITA.address)
    assert fault.value.kind is Kind.UNSUPPORTED


def test_a_message_beyond_max_size_is_refused_and_leaves_no_file(tmp_path):
    room = PostRoom(tmp_path, DeliverySettings(max_size=Size(100_000), least_free=Size(0)))
    with pytest.raises(Fault) as fault:
        take_in(room.mx, LETTER + b"x" * 100_000, SASMITA.address)
    assert fault.value.kind is Kind.TOO_BIG
    assert list((tmp_path / "queue").glob("tmp/*")) == []
    assert room.queue.list() == []
    room.close()


def test_an_endless_header_passes_the_mx_and_fails_at_submission(room):
    octets = b"X: " + b"y" * 60_000 + b"\r\n"
    octets = LETTER.split(b"\r\n\r\n")[0] + b"\r\n" + octets * 20 + b"\r\nbody\r\n"
    told = take_in(room.mx, octets, SASMITA.address)
    assert room.queue.read(told.id).read().endswith(octets)
    with pytest.raises(Fault) as fault:
        take_in(room.submission, octets, "x@y.example", origin=SUBMISSION, signed_in=principal(SASMITA))
    assert fault.value.kind is Kind.TOO_BIG


def test_lmtp_answers_for_each_recipient_and_delivers_at_once(room):
    room.town.accounts[BIBHU.address] = msgspec.structs.replace(BIBHU, quota=10)
    told = take_in(
        room.lmtp, LETTER, SASMITA.address, BIBHU.address, "gone@odisha.example", origin=Origin("lmtp", helo="x")
    )
    assert [fault and fault.kind for fault in told.faults] == [None, Kind.OVER_QUOTA, Kind.NOT_FOUND]
    (message,) = room.messages(SASMITA)
    assert message.startswith(
        b"Delivered-To: sasmita.nayak@odisha.example\r\nReturn-Path: <a@peer.example>\r\nReceived:"
    )
    assert message.endswith(LETTER)


def test_lmtp_hands_lists_to_the_queue(room):
    room.town.aliases["all@odisha.example"] = (SASMITA.address, BIBHU.address)
    told = take_in(room.lmtp, LETTER, "all@odisha.example", origin=Origin("lmtp"))
    assert told.faults == (None,)
    room.work()
    assert len(room.messages(SASMITA)) == len(room.messages(BIBHU)) == 1


def attached(name: str, octets: bytes = b"MZ\x90\0") -> bytes:
    return (
        b"From: sasmita.nayak@odisha.example\r\nTo: x@y.example\r\nSubject: hello\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n--b\r\n"
        b'Content-Type: application/octet-stream; name="' + name.encode() + b'"\r\n\r\n' + octets + b"\r\n--b--\r\n"
    )


def test_our_own_peoples_mail_is_screened_for_what_does_harm_and_nothing_else(room):
    """A stolen account must not spread programs; nobody has to prove who wrote it, for that is known."""
    gate = room.screened()
    more = {"origin": SUBMISSION, "sender": SASMITA.address, "signed_in": principal(SASMITA)}
    with pytest.raises(Fault) as fault:
        take_in(gate, attached("invoice.exe"), "x@y.example", **more)
    assert fault.value.kind is Kind.DENIED
    assert "attachment" in fault.value.text
    assert room.queue.list() == []
    take_in(gate, attached("letter.pdf", b"%PDF-1.7"), "x@y.example", **more)
    take_in(gate, LETTER, "x@y.example", **more)
    assert len(room.queue.list()) == 2
    assert not any(b"X-Spam" in room.queue.read(each.id).read() for each in room.queue.list())


def test_while_the_scanner_is_away_submission_waits_as_the_door_does(room, tmp_path):
    gate = room.screened(clamav=str(tmp_path / "nobody.sock"))
    more = {"origin": SUBMISSION, "sender": SASMITA.address, "signed_in": principal(SASMITA)}
    with pytest.raises(Fault) as fault:
        take_in(gate, LETTER, "x@y.example", **more)
    assert fault.value.kind is Kind.TRY_LATER
    assert room.queue.list() == []
