"""Whole commands come out of frames however they were split, and limits hold before memory is spent."""

from hypothesis import given
from hypothesis import strategies as st

from odmail.imap import commands
from odmail.imap.intake import Broken, GoAhead, Intake, Refused, Whole

REGISTRY = commands.load()


def events(pieces: list[bytes], *, known: bool = True) -> list[object]:
    intake = Intake(REGISTRY)
    if known:
        intake.widen()
    out: list[object] = []
    for piece in pieces:
        intake.framer.feed(piece)
        while (event := intake.next()) is not None:
            out.append(event)
            if isinstance(event, Broken) or (isinstance(event, Whole) and event.upload):
                return out
    return out


@given(st.text(alphabet='a1 (){}+"\\*%\r\nUIDNOP', max_size=60).map(str.encode))
def test_any_octets_give_the_same_events_however_split(stream: bytes) -> None:
    """And nothing but events."""
    assert events([stream]) == events([stream[at : at + 1] for at in range(len(stream))])


@given(st.binary(max_size=50))
def test_literals_are_folded_into_the_arguments(content: bytes) -> None:
    """In place, counted."""
    (event,) = events([b"a LOGIN {%d+}\r\n%b x\r\n" % (len(content), content)])
    assert isinstance(event, Whole)
    assert event.args == b"{%d}\r\n%b x" % (len(content), content)


def test_a_message_is_not_folded() -> None:
    """APPEND starts before its literal comes."""
    (event,) = events([b"a append {5+}\r\nINBOX (\\Seen) {50000000}\r\n"])
    assert isinstance(event, Whole)
    assert event.args == b"{5}\r\nINBOX (\\Seen) "
    assert event.upload is not None
    assert event.upload.size == 50_000_000


def test_a_literal_too_large_is_refused_before_the_go_ahead() -> None:
    """A synchronizing one costs the command, another one the connection."""
    assert events([b"a SELECT {102401}\r\n"]) == [Refused(b"a", "Literal too large", b"TOOBIG")]
    assert events([b"a SELECT {102401+}\r\n"]) == [Broken(b"a", "Literal too large", b"TOOBIG")]


def test_many_literals_are_refused() -> None:
    """A21: by their number and by their sum."""
    many = b"a SEARCH" + b" {1+}\r\nx" * 1001 + b"\r\n"
    assert isinstance(events([many])[-1], Broken)
    heavy = b"a SEARCH" + (b" {100000+}\r\n" + b"x" * 100_000) * 11
    assert isinstance(events([heavy])[-1], Broken)


def test_a_stranger_gets_little_room() -> None:
    """Before sign-in 8 KiB are a lot."""
    assert events([b"a LOGIN {8193}\r\n"], known=False) == [Refused(b"a", "Literal too large", b"TOOBIG")]
    assert isinstance(events([b"x" * 8200], known=False)[0], Broken)
    assert events([b"a LOGIN {5}\r\n"], known=False) == [GoAhead()]
