"""RENAME.  RFC 9051 6.3.6"""

from odcore.errors import Fault, Kind
from odmail.imap import listing, names
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, Reply
from odmail.mailbox.api import RenameMailbox
from odmail.mailbox.model import SEPARATOR


@command("RENAME", states=SIGNED_IN, rfc="9051 6.3.6")
async def rename(session: Session, args: Reader) -> Reply | None:
    """Give a mailbox and all below it another name, within one account."""
    old = args.mailbox()
    args.space()
    new = args.mailbox().removesuffix(SEPARATOR)
    args.end()
    names.check(new)
    source = await session.place(old)
    target = await session.place(new)
    source.require("x")
    if source.account.id != target.account.id:
        raise Fault(Kind.BAD_REQUEST, "A mailbox cannot be renamed into another account")
    await session.call(_rename, source, target)
    session.did(source.title, target.title)
    listing.renamed(session, target.title, args.spelled.removesuffix(SEPARATOR))
    return None


def _rename(source: Place, target: Place) -> None:
    """Blocks."""
    target.require_above("k")
    source.account.rename(RenameMailbox(source.name, target.name))
