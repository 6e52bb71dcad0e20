"""CLOSE.  RFC 9051 6.4.1"""

from odmail.imap import vanished
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
    reply = None
    if view.writable and "e" in view.place.rights:  # without it, all the same an OK.  RFC 4314 4
        expunged = await session.call(view.place.account.expunge, Expunge(view.mailbox))
        if expunged.before <= view.modseq and not view.owes:  # its client knows all there was to know
            reply = vanished.completed(session, expunged.modseq)  # RFC 7162 3.2.8
    session.deselect()
    return reply
