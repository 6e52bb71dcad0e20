"""REPLACE and UID REPLACE: a message gives way to its new version.  RFC 8508

Within an account both happen in one transaction. Into another account (a post's mailbox) the new version comes first,
so that whatever fails leaves two messages and never none.
"""

from odcore.errors import Fault, Kind
from odmail.imap import carry, drafts, seqset, vanished
from odmail.imap.carry import End
from odmail.imap.choice import chosen
from odmail.imap.drafts import Draft
from odmail.imap.faults import refusal
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State, Touches
from odmail.imap.upload import Upload
from odmail.imap.view import View
from odmail.mailbox.api import Append, Fetch, Replace, Replaced
from odmail.mailbox.model import Need

_ONE = b"0123456789*"


@command(
    "REPLACE",
    states=State.SELECTED,
    rfc="8508 3",
    capability="REPLACE",
    uid=True,
    touches=Touches.LOOKS,
    upload=1,
)
async def replace(session: Session, args: Reader) -> Reply | None:
    """The new version goes into the named mailbox, the old one leaves the selected one."""
    upload = session.upload
    if upload is None:
        raise BadSyntax("a message comes as a literal")
    wanted = seqset.parse(args.run(_ONE))
    args.space()
    name = args.mailbox()
    args.space()
    draft = drafts.read(args, upload)
    view = session.selected
    if not view.writable:
        raise Fault(Kind.DENIED, "Mailbox is read-only")
    view.place.require("t")  # RFC 8508 4.4
    view.place.require("e")
    spans = await chosen(session, wanted, by_uid=args.uid)
    if not spans:
        raise _gone()
    old = view.uids[spans[0][0]]
    try:
        done = await _take(session, await session.place(name), old, draft, upload)
    except Fault as fault:
        return refusal(fault, b"TRYCREATE" if fault.kind is Kind.NOT_FOUND else b"")
    finally:
        if draft.incoming is not None:
            await session.call(drafts.discard, [draft])
    new = done.appended
    # before the EXPUNGE, so that the client knows what it became.  RFC 8508 4.3
    session.write(b"* OK [APPENDUID %d %d] Stored\r\n" % (new.uidvalidity, new.uids[0]))
    return vanished.completed(session, done.modseq)


async def _take(session: Session, place: Place, old: int, draft: Draft, upload: Upload) -> Replaced:
    if upload.literal is None:
        raise BadSyntax("expected a message")
    view = session.selected
    room = await session.call(_room, session, place, view, old)
    drafts.check(session, upload.literal.size, room)
    args = await drafts.take(session, place, draft, upload)
    if upload.literal is not None:
        raise BadSyntax("REPLACE takes one message")  # RFC 8508 4.1
    args.end()
    return await session.call(_store, place, draft, view, old)


def _room(session: Session, place: Place, view: View, old: int) -> int:
    """Octets that fit, those of the old version among them when it lies in the same account. Blocks."""
    room = drafts.room(session, place)
    rows = view.place.account.fetch(Fetch(view.mailbox, [(old, old)], Need.SIZE, view.place.reader))
    if not rows:
        raise _gone()
    return room + rows.size[0] if place.account.id == view.place.account.id else room


def _store(place: Place, draft: Draft, view: View, old: int) -> Replaced:
    """Blocks. Durable when it returns."""
    account = view.place.account
    try:
        new = Append(place.name, [drafts.finish(place, draft)], place.reader)
        if place.account.id == account.id:
            return account.replace(Replace(view.mailbox, old, new))
        end = End(account, view.mailbox, view.place.name, view.place.reader)
        return Replaced(place.account.append(new), carry.remove(end, [old]))
    finally:
        drafts.discard([draft])


def _gone() -> Fault:
    """RFC 8508 3.2"""
    return Fault(Kind.EXPUNGED, "There is no such message")
