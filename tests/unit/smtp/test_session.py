"""The session's rules that no dialog file shows."""

import pytest

from odcore.errors import Kind
from odmail.smtp.types import FAULTS, LMTP, MX, SUBMISSION, SUBMISSIONS, Need, State
from odtest.smtp import TABLE, Talk

OPENING = b"EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<sasmita@odisha.example>\r\n"
GOLDEN = {
    "START": "BDAT EHLO HELO HELP LHLO NOOP QUIT RSET STARTTLS VRFY",
    "READY": "AUTH BDAT EHLO HELO HELP LHLO MAIL NOOP QUIT RSET STARTTLS VRFY",
    "MAIL": "BDAT EHLO HELO HELP LHLO NOOP QUIT RCPT RSET VRFY",
    "RCPT": "BDAT DATA EHLO HELO HELP LHLO NOOP QUIT RCPT RSET VRFY",
    "CHUNKS": "BDAT EHLO HELO HELP LHLO NOOP QUIT RSET VRFY",
}


def test_every_kind_of_fault_has_a_reply() -> None:
    """No kind is missing, and the enhanced code's class is the code's (RFC 3463 2)."""
    assert set(FAULTS) == set(Kind)
    assert all(enhanced[0] == str(code)[0] for code, enhanced in FAULTS.values())


def test_verbs_of_each_state() -> None:
    """What the folder declares is what was meant."""
    found = {state.name: " ".join(sorted(verb for at, verb in TABLE.moves if at is state)) for state in State}
    assert found == GOLDEN


def test_octets_behind_starttls_end_the_session() -> None:
    """A3: an injected transaction in STARTTLS's own segment is neither executed nor kept."""
    talk = Talk()
    talk.feed(b"EHLO a\r\nSTARTTLS\r\nMAIL FROM:<inj@x.example>\r\n")
    assert talk.closed
    assert talk.said.splitlines()[-1].startswith(b"421 ")
    assert b"220 2.0.0" not in talk.said


def test_tls_forgets_what_was_said_before() -> None:
    """P21: neither EHLO, nor the transaction, nor a sign-in survives."""
    talk = Talk(MX)
    talk.feed(b"EHLO a\r\nSTARTTLS\r\n")
    talk.handshake()
    assert (talk.session.state, talk.session.helo) == (State.START, "")


def test_twenty_errors_end_the_session() -> None:
    """421 4.7.0 after the twentieth."""
    talk = Talk()
    talk.feed(b"BOGUS\r\n" * 30)
    assert talk.said.count(b"500 ") == 20
    assert talk.said.endswith(b"421 4.7.0 too many errors\r\n")
    assert talk.closed


def test_a_hundred_idle_commands_end_the_session() -> None:
    """Commands that move no mail are counted until a message comes."""
    talk = Talk()
    talk.feed(b"NOOP\r\n" * 99 + OPENING + b"DATA\r\n")
    talk.feed(b"x\r\n.\r\n")
    talk.feed(b"NOOP\r\n" * 150)
    assert talk.said.count(b"250 2.0.0 ok") <= 199
    assert talk.closed


def test_guessed_recipients_come_slowly() -> None:
    """A20: after five unknown ones each costs a second, and twenty end it."""
    talk = Talk()
    talk.feed(b"EHLO a\r\nMAIL FROM:<>\r\n" + b"RCPT TO:<nobody@odisha.example>\r\n" * 25)
    assert talk.paused == 15.0
    assert talk.said.count(b"550 5.1.1") == 20
    assert talk.closed


def test_flood_without_line_end() -> None:
    """A18: answered once, then closed; what is kept stays small."""
    talk = Talk()
    for _ in range(20):
        talk.feed(b"x" * 65536)
    assert talk.closed
    assert talk.said.count(b"500 5.5.2") == 1


def test_too_big_is_read_to_its_end() -> None:
    """552 comes after the end of data, and what the gate had begun is discarded."""
    talk = Talk()
    talk.feed(OPENING + b"DATA\r\n")
    for _ in range(30):
        talk.feed((b"x" * 70 + b"\r\n") * 900)
    assert talk.ask(b".\r\nNOOP\r\n") == b"552 5.3.4 message too big\r\n250 2.0.0 ok\r\n"
    assert (talk.gate.delivered, talk.gate.discarded) == ([], 1)


def test_large_message_streams() -> None:
    """More than one block arrives unchanged."""
    talk = Talk()
    body = b"".join(b"%d some text\r\n" % number for number in range(40_000))
    talk.feed(OPENING + b"DATA\r\n" + body + b".\r\n")
    assert talk.gate.delivered[0].data == body


def test_loss_in_the_middle_discards() -> None:
    """A message that breaks off leaves nothing."""
    talk = Talk()
    talk.feed(OPENING + b"DATA\r\n" + b"x\r\n" * 50_000)
    leftover = talk.session.lost()
    assert leftover is not None
    leftover.run()
    assert (talk.gate.delivered, talk.gate.discarded) == ([], 1)


def test_sign_in_that_holds_no_longer() -> None:
    """A10: a session whose person was disabled meanwhile sends nothing more."""
    talk = Talk(SUBMISSIONS)
    talk.feed(b"EHLO a\r\nAUTH PLAIN AHNhc21pdGEAc2VjcmV0\r\n")
    talk.doorman.valid = False
    assert talk.ask(b"MAIL FROM:<sasmita@odisha.example>\r\n") == b"530 5.7.0 sign in again\r\n"


def test_dismissed_when_idle_and_after_a_message() -> None:
    """P18: an idle session ends at once with 421 4.3.2, one that receives a message after its reply."""
    idle, busy = Talk(), Talk()
    busy.feed(OPENING + b"DATA\r\nhello\r\n")
    for talk in (idle, busy):
        talk.session.dismiss()
    assert idle.closed
    assert not busy.closed
    assert busy.ask(b".\r\n") == b"250 2.0.0 queued as q1\r\n421 4.3.2 shutting down, try again soon\r\n"
    assert busy.session.want is Need.CLOSE


@pytest.mark.parametrize("service", [MX, SUBMISSION, SUBMISSIONS, LMTP])
def test_passwords_only_inside_tls(service: object) -> None:
    """P20: AUTH is announced only by submission, and only inside TLS."""
    talk = Talk(service)  # type: ignore[arg-type]
    hello = talk.ask(b"LHLO a\r\n" if service is LMTP else b"EHLO a\r\n")
    assert (b"AUTH" in hello) == (service is SUBMISSIONS)


@pytest.mark.parametrize("word", ["", " REQUIRETLS"])
def test_what_must_travel_by_tls_is_marked_so(word: str) -> None:
    """RFC 8689 4.1."""
    talk = Talk(MX)
    talk.feed(b"EHLO a\r\nSTARTTLS\r\n")
    talk.handshake()
    talk.feed(OPENING.replace(b"b.example>", b"b.example>" + word.encode()) + b"DATA\r\nx\r\n.\r\n")
    assert [each.envelope.requiretls for each in talk.gate.delivered] == [bool(word)]
