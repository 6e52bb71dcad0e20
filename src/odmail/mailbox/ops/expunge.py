"""EXPUNGE and UID EXPUNGE: messages with \\Deleted leave; their uids are remembered.  RFC 9051 6.4.3, 6.4.9"""

from array import array

from odmail.mailbox import placements
from odmail.mailbox.api import Expunge, Expunged
from odmail.mailbox.model import Flag
from odmail.mailbox.ops.delete import EVERYTHING
from odmail.mailbox.placements import Place
from odmail.mailbox.transaction import Box, Transaction


def expunge(tx: Transaction, options: Expunge) -> Expunged:
    """The octets go later, in `ops.purge`: EXPUNGE is as quick as its rows are small."""
    box = tx.box(options.mailbox)
    if options.marked and not box.deleted:
        return Expunged(array("I"), box.highestmodseq, box.highestmodseq)
    ranges = EVERYTHING if options.uids is None else options.uids
    places = placements.find(tx, box.mailbox, ranges, Flag.DELETED if options.marked else 0)
    if not places:
        return Expunged(array("I"), box.highestmodseq, box.highestmodseq)
    before = box.highestmodseq
    modseq = remove(tx, box, places)
    return Expunged(array("I", [place.uid for place in places]), modseq, before)


def remove(tx: Transaction, box: Box, places: list[Place]) -> int:
    """Take these messages out for good; the mailbox's new HIGHESTMODSEQ."""
    books = tx.books()
    modseq = books.tick()
    placements.remove(tx, box, places, modseq)
    placements.orphan(tx, places)
    books.take(-sum(place.size for place in places), -len(places))
    tx.save_box(box)
    tx.save_books(books)
    return modseq
