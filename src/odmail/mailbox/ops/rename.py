"""RENAME: a mailbox with all below it; INBOX gives its messages instead.  RFC 9051 6.3.6"""

from odcore.errors import Fault, Kind
from odmail.mailbox import names, placements
from odmail.mailbox.api import RenameMailbox
from odmail.mailbox.model import INBOX
from odmail.mailbox.ops import metadata, subscribe
from odmail.mailbox.ops.create import add, add_parents
from odmail.mailbox.ops.delete import EVERYTHING, retire, retired
from odmail.mailbox.transaction import Books, Box, Transaction


def rename(tx: Transaction, options: RenameMailbox) -> None:
    """Faults NOT_FOUND, EXISTS, BAD_REQUEST (below itself, or not a name)."""
    box = tx.known(options.old)
    new = names.validate(options.new)
    if tx.find(new) is not None:
        raise Fault(Kind.EXISTS, "A mailbox of that name exists.")
    books = tx.books()
    if box.name == INBOX:
        _give_messages(tx, books, box, new)
    else:
        _move_names(tx, books, box, new)
    tx.hints[0] = 0
    tx.save_books(books)


def _move_names(tx: Transaction, books: Books, box: Box, new: str) -> None:
    if new.startswith(names.below(box.name)):
        raise Fault(Kind.BAD_REQUEST, "A mailbox cannot move below itself.")
    old = box.name
    family = [box, *tx.boxes_between(names.below(old), names.after(old))]
    renamed = [names.validate(new + member.name[len(old) :]) for member in family]
    add_parents(tx, books, new)
    for member, name in zip(family, renamed, strict=True):
        retire(tx, member)
        subscribe.follow(tx, member.name, name)
        member.name = name
        if retired(tx, name) >= member.uidvalidity:  # RFC 9051 2.3.1.1: the name once had another mailbox
            member.uidvalidity = books.new_uidvalidity()
        tx.save_box(member)


def _give_messages(tx: Transaction, books: Books, inbox: Box, new: str) -> None:
    """INBOX itself stays, empty, and so does what lies below it."""
    add_parents(tx, books, new)
    target = add(tx, books, new)
    places = placements.find(tx, inbox.mailbox, EVERYTHING)
    modseq = books.tick()
    uids = placements.add(tx, target, places, modseq)
    if places:
        old = [place.uid for place in places]
        placements.carry_seen(tx, inbox.mailbox, target.mailbox, dict(zip(old, uids, strict=True)))
        placements.remove(tx, inbox, places, modseq)
    metadata.copy(tx, inbox.mailbox, target.mailbox, modseq)
    tx.save_box(target)
    tx.save_box(inbox)
