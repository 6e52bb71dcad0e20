"""UNSELECT.  RFC 9051 6.4.2"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State, Touches


@command("UNSELECT", states=State.SELECTED, rfc="9051 6.4.2", capability="UNSELECT", touches=Touches.QUIET)
async def unselect(session: Session, args: Reader) -> Reply | None:
    """Leave the mailbox as it is."""
    args.end()
    session.deselect()
    return None
