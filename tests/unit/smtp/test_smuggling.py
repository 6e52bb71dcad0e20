"""A1: no message ends early, however its end is forged, and no octet of a message is ever a command."""

import pytest

from odtest.smtp import Talk

FORMS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\r\n",
    b"\n\n.\r\n",
]
OPENING = b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<sasmita@odisha.example>\r\n"
EMBEDDED = (
    b"MAIL FROM:<spoofed@odisha.example>\r\nRCPT TO:<sasmita@odisha.example>\r\nDATA\r\nSubject: forged\r\n\r\nforged"
)
MESSAGE = b"Subject: x\r\n\r\nfirst"


def attack(form: bytes) -> bytes:
    return MESSAGE + form + EMBEDDED + b"\r\n.\r\n"


def check(talk: Talk) -> None:
    """Refused once, nothing delivered, in step: the next transaction goes through."""
    assert not talk.gate.delivered
    reply = talk.said.split(b"354 end with CRLF.CRLF\r\n")[1]
    assert reply.count(b"\r\n") == 1
    assert reply.startswith((b"550 5.5.2 ", b"550 5.6.0 "))
    talk.feed(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<sasmita@odisha.example>\r\nDATA\r\n")
    talk.feed(b"hello\r\n.\r\n")
    assert [each.data for each in talk.gate.delivered] == [b"hello\r\n"]


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_forged_end_at_every_split(form: bytes) -> None:
    """The whole body is read to its true end and refused, wherever it is cut in two."""
    data = attack(form)
    for cut in range(len(data) + 1):
        talk = Talk()
        talk.feed(OPENING + b"DATA\r\n")
        talk.feed(data[:cut])
        talk.feed(data[cut:])
        check(talk)


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_forged_end_octet_by_octet(form: bytes) -> None:
    """The same, one octet at a time."""
    talk = Talk()
    for octet in OPENING + b"DATA\r\n" + attack(form):
        talk.feed(bytes([octet]))
    check(talk)


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_forged_end_in_a_chunk(form: bytes) -> None:
    """BDAT takes octets by number; a flawed message is refused just the same."""
    talk = Talk()
    data = MESSAGE + form + EMBEDDED + b"\r\n"
    talk.feed(OPENING + b"BDAT %d LAST\r\n" % len(data) + data + b"NOOP\r\n")
    assert not talk.gate.delivered
    assert talk.said.endswith(b"250 2.0.0 ok\r\n")
    assert b"\r\n550 5." in talk.said


@pytest.mark.parametrize("size", [998, 999, 2049, 16385, 65537, 1_000_000])
@pytest.mark.parametrize("step", [None, 1460])
def test_long_line_before_an_embedded_transaction(size: int, step: int | None) -> None:
    """A line too long to take refuses the message, never leaves it early; a shorter one is simply taken."""
    talk = Talk()
    talk.gate.max_size = 10_000_000  # type: ignore[misc]
    talk.feed(OPENING + b"DATA\r\n")
    data = MESSAGE + b"\r\n" + b"x" * size + b"\r\n" + EMBEDDED + b"\r\n.\r\n"
    for at in range(0, len(data), step or len(data)):
        talk.feed(data[at : at + (step or len(data))])
    if size > 65536:
        check(talk)
    else:
        assert [len(each.data) for each in talk.gate.delivered] == [len(data) - 3]
