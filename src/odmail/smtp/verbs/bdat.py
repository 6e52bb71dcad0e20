"""BDAT: the message in chunks of announced sizes.  RFC 3030 2

A chunk's octets follow its command whether the command was welcome or not, so they are always taken off the stream;
where the size cannot be read, nothing tells commands from octets any more and the session ends.
"""

from collections.abc import Iterable, Sequence

from odmail.smtp.reader import BadSyntax, read_number
from odmail.smtp.registry import EVERYWHERE, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply, State
from odmail.wire.chunks import ChunkReader

_SENSELESS = 1 << 32
"""No client means a chunk of this size; reading it to its end would serve nobody."""


async def bdat(session: Session, argument: bytes) -> Reply | Sequence[Reply]:
    """Into the transaction's content, or nowhere."""
    try:
        size, last = _read(argument)
    except BadSyntax as bad:
        return Reply(421, "4.5.4", bad.text)
    reader = ChunkReader(size)
    welcome = session.state in (State.RCPT, State.CHUNKS)
    while not reader.done:
        block = reader.feed(await session.octets())
        if welcome:
            await session.content().add_chunk(block)
    session.push_back(reader.rest)
    if not welcome:
        return Reply(503, "5.5.1", "no transaction with valid recipients")
    content = session.content()
    if last or content.refused:
        return await session.conclude()
    return Reply(250, "2.0.0", f"{size} octets")


def _read(argument: bytes) -> tuple[int, bool]:
    words = argument.decode("latin-1").upper().split()
    if not words or len(words) > 2 or words[1:] not in ([], ["LAST"]):
        raise BadSyntax("expected BDAT size [LAST]")
    size = read_number(words[0])
    if size > _SENSELESS:
        raise BadSyntax("chunk too big")
    return size, len(words) == 2


def _keywords(_session: Session) -> Iterable[str]:
    return ("CHUNKING",)


VERBS = (Verb("BDAT", "3030", bdat, {**EVERYWHERE, State.RCPT: State.CHUNKS}, keywords=_keywords),)
