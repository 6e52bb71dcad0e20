"""IDLE.  RFC 9051 6.3.13"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply


@command("IDLE", states=SIGNED_IN, rfc="9051 6.3.13", capability="IDLE")
async def idle(session: Session, args: Reader) -> Reply | None:
    """Push changes until the client says DONE. While it does not read, changes gather in the store, not here."""
    args.end()
    session.write(b"+ idling\r\n")
    session.idling = True
    try:
        await _watch(session)
    finally:
        session.idling = False
    return None


async def _watch(session: Session) -> None:
    await session.tell(expunges=True)  # a hint may have been lost before
    while (line := await session.line_or_hint()) is None:
        await session.tell(expunges=True)
    if line.upper() != b"DONE":
        raise BadSyntax("expected DONE")
