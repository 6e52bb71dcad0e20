"""What COPY and MOVE have in common: the messages, the target, and the way between them.  RFC 9051 6.4.7, RFC 6851"""

from collections.abc import Sequence

from odcore.errors import Fault, Kind
from odmail.imap import seqset, writer
from odmail.imap.carry import BATCH, Carried, End, carry, remove
from odmail.imap.choice import chosen
from odmail.imap.faults import refusal
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.seqset import Span
from odmail.imap.session import Session
from odmail.imap.trail import note_access
from odmail.imap.types import Reply
from odmail.mailbox.api import Transfer
from odmail.mailbox.model import Mailbox


async def transfer(session: Session, args: Reader, *, move: bool) -> Carried | Reply:
    """Do it, and tell what became what; or the refusal."""
    numbers = seqset.read(args)
    args.space()
    name = args.mailbox()
    args.end()
    view = session.selected
    if move and not view.writable:
        raise Fault(Kind.DENIED, "Mailbox is read-only")
    if move:  # RFC 6851 4.5: what \\Deleted and EXPUNGE take
        view.place.require("t")
        view.place.require("e")
    target = await session.place(name)
    spans = await chosen(session, numbers, by_uid=args.uid)
    try:
        if target.account.id != view.place.account.id:
            return await _carry(session, spans, target, move=move)
        target.require("i")
        account = view.place.account
        options = Transfer(view.mailbox, seqset.uid_ranges(spans, view.uids), target.name, target.reader, target.may)
        done = await session.call(account.move if move else account.copy, options)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return refusal(fault, b"TRYCREATE")  # RFC 9051 6.4.7
    return Carried(done.uidvalidity, done.source, done.target, done.modseq)


async def _carry(session: Session, spans: Sequence[Span], place: Place, *, move: bool) -> Carried:
    """Between two accounts, batch by batch. A COPY that fails takes back what it did."""
    view = session.selected
    source = End(view.place.account, view.mailbox, view.place.name, view.place.reader)
    box = await session.call(_target, session, place)
    target = End(place.account, box.id, place.name, place.reader, place.may)
    moved = Carried(box.uidvalidity, [], [])
    try:
        for part in seqset.batches(spans, BATCH):
            session.reach(len(moved.target), seqset.count(spans))
            carried = await session.call(carry, source, target, seqset.uid_ranges(part, view.uids))
            moved.source += carried.source
            moved.target += carried.target
            if move and carried.source:
                moved.modseq = await session.call(remove, source, carried.source)
    except Fault:
        if moved.target and not move:
            await session.call(remove, target, moved.target)
        raise
    return moved


def _target(session: Session, place: Place) -> Mailbox:
    """Blocks."""
    box = place.mailbox("i")
    note_access(session, place)
    return box


def copyuid(moved: Carried) -> bytes:
    """The response code; empty when there was nothing to copy.  RFC 4315 3"""
    if not moved.source:
        return b""
    return b"COPYUID %d %b %b" % (moved.uidvalidity, writer.uid_set(moved.source), writer.uid_set(moved.target))
