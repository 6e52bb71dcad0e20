"""EXPUNGE and UID EXPUNGE.  RFC 9051 6.4.3, RFC 4315 2.1"""

from odcore.errors import Fault, Kind
from odmail.imap import seqset, vanished
from odmail.imap.choice import chosen
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State, Touches
from odmail.mailbox.api import Expunge


@command("EXPUNGE", states=State.SELECTED, rfc="9051 6.4.3", capability="UIDPLUS", uid=True, touches=Touches.LOOKS)
async def expunge(session: Session, args: Reader) -> Reply | None:
    """Remove what is marked \\Deleted; as UID EXPUNGE only among the given uids."""
    wanted = seqset.read(args) if args.uid else None
    args.end()
    view = session.selected
    if not view.writable:
        raise Fault(Kind.DENIED, "Mailbox is read-only")
    view.place.require("e")
    uids = None
    if wanted is not None:
        uids = seqset.uid_ranges(await chosen(session, wanted, by_uid=True), view.uids)
    expunged = await session.call(view.place.account.expunge, Expunge(view.mailbox, uids))
    return vanished.completed(session, expunged.modseq)
