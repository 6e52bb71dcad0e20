"""RETR.  RFC 1939 5"""

from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import Reply, State
from odmail.wire.dotdata import DotWriter

_PIECE = 256 << 10


async def retr(session: Session, argument: bytes) -> Reply | None:
    """All octets of a message, no faster than the client takes them."""
    number = session.message(argument)
    body = await session.call(session.drop.body, number)
    session.drop.seen.add(number)
    wire = DotWriter()
    start = f"+OK {body.size} octets\r\n".encode("ascii")
    for offset in range(0, body.size, _PIECE):
        octets = await session.call(body.read, offset, _PIECE)
        await session.send(start + wire.feed(octets))
        start = b""
    await session.send(start + wire.finish())
    return None


VERBS = (Verb(b"RETR", "1939 5", retr, State.TRANSACTION),)
