"""CLOSE.  RFC 9051 6.4.1"""

from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State, Touches
from odmail.mailbox.api import Expunge


@command("CLOSE", states=State.SELECTED, rfc="9051 6.4.1", touches=Touches.QUIET)
async def close(session: Session, args: Reader) -> Reply | None:
    """Remove what is marked \\Deleted without a word, unless the mailbox was opened by EXAMINE, and leave it."""
    args.end()
    view = session.selected
    if view.writable:
        await session.call(view.place.account.expunge, Expunge(view.mailbox))
    session.deselect()
    return None
