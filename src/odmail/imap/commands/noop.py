"""NOOP.  RFC 9051 6.1.2"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import ANY, Reply, Touches


@command("NOOP", states=ANY, rfc="9051 6.1.2", touches=Touches.LOOKS)
async def noop(_session: Session, args: Reader) -> Reply | None:
    """The client asks whether anything is new."""
    args.end()
    return None
