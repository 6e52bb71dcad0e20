"""CAPABILITY.  RFC 9051 6.1.1"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import ANY, Reply


@command("CAPABILITY", states=ANY, rfc="9051 6.1.1")
async def capability(session: Session, args: Reader) -> Reply | None:
    """What the server can do for this session now."""
    args.end()
    session.write(b"* CAPABILITY %b\r\n" % session.capabilities())
    return None
