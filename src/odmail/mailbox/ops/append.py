"""APPEND and delivery: new messages enter one mailbox, all or none.  RFC 9051 6.3.12"""

from odcore import clock
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odmail.mailbox import keywords, messages, placements
from odmail.mailbox.api import Append, Appended, CreateMailbox
from odmail.mailbox.messages import Prepared
from odmail.mailbox.ops.create import create
from odmail.mailbox.placements import SEEN, Place
from odmail.mailbox.transaction import Box, Transaction


def append(tx: Transaction, options: Append, reader: int, prepared: list[Prepared], blobs: Blobs) -> Appended:
    """`prepared` are the messages of `options`, made ready outside the transaction."""
    box = _target(tx, options)
    if options.uidnext not in (0, box.uidnext):
        raise Fault(Kind.CONFLICT, "Something else has arrived in the mailbox.")
    books = tx.books()
    books.take(sum(one.new.source.size for one in prepared), len(prepared))
    modseq, first = books.tick(), books.next_message
    places = []
    for message, one in enumerate(prepared, first):
        messages.add(tx, one, message, blobs)
        places.append(_place(tx, one, message, private=bool(reader)))
    uids = placements.add(tx, box, places, modseq)
    if reader:
        new_seen = [uid for uid, one in zip(uids, prepared, strict=True) if one.new.flags & SEEN]
        placements.see(tx, box.mailbox, reader, new_seen)
    books.next_message += len(prepared)
    tx.save_box(box)
    tx.save_books(books)
    return Appended(box.uidvalidity, uids, [place.message for place in places], box.mailbox, modseq)


def _target(tx: Transaction, options: Append) -> Box:
    if options.create:
        found = tx.meant(options.target)
        if found is None or not found.selectable:
            create(tx, CreateMailbox(options.target))
    return tx.named(options.target)


def _place(tx: Transaction, one: Prepared, message: int, *, private: bool) -> Place:
    flags = int(one.new.flags) & ~SEEN if private else int(one.new.flags)
    received = one.new.received if one.new.received is not None else clock.timestamp()
    words = keywords.bits(tx, one.new.keywords, make=True)
    return Place(0, message, flags, words, received, one.new.source.size)
