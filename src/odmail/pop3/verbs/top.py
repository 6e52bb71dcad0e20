"""TOP.  RFC 1939 7"""

from collections.abc import Iterable

from odcore.blob.api import Body
from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import BadSyntax, Reply, State
from odmail.wire.dotdata import DotWriter

_PIECE = 64 << 10


async def top(session: Session, argument: bytes) -> Reply | None:
    """The header and so many lines."""
    first, _, count = argument.partition(b" ")
    number = session.message(first)
    if not count.isdigit() or len(count) > 9:
        raise BadSyntax("expected a number of lines")
    body = await session.call(session.drop.body, number)
    wire, lines = DotWriter(), Head(int(count))
    start = b"+OK\r\n"
    for offset in range(0, body.size, _PIECE):
        octets = lines.take(await session.call(_read, body, offset))
        await session.send(start + wire.feed(octets))
        start = b""
        if lines.done:
            break
    await session.send(start + wire.finish())
    return None


def _read(body: Body, offset: int) -> bytes:
    """Blocks."""
    return body.read(offset, _PIECE)


class Head:
    """Cuts a message, given in pieces, behind so many lines of its body."""

    def __init__(self, lines: int) -> None:
        self.done = False
        self._left = lines
        self._in_header = True
        self._blank = True  # the line under way has nothing in it yet

    def take(self, octets: bytes) -> bytes:
        """That much of a piece as still belongs to it."""
        at = 0
        while not self.done and at < len(octets):
            end = octets.find(b"\n", at) + 1
            line = octets[at : end or len(octets)]
            at += len(line)
            self._blank = self._blank and not line.strip(b"\r\n")
            if end:
                self._count()
        return octets[:at]

    def _count(self) -> None:
        """A line has ended."""
        if not self._in_header:
            self._left -= 1
        elif self._blank:
            self._in_header = False
        self._blank = True
        self.done = not self._in_header and self._left <= 0


def _capabilities(_session: Session) -> Iterable[str]:
    return ("TOP",)


VERBS = (Verb(b"TOP", "1939 7", top, State.TRANSACTION, _capabilities),)
