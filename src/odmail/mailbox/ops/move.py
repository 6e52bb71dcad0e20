"""MOVE: a new place for the same octets, in one transaction.  RFC 6851"""

from odmail.mailbox import placements
from odmail.mailbox.api import Transfer, Transferred
from odmail.mailbox.transaction import Transaction


def move(tx: Transaction, options: Transfer, reader: int = 0) -> Transferred:
    """P12: each message is in exactly one of the two mailboxes. Uids that are gone are no error."""
    source, target = tx.box(options.mailbox), tx.named(options.target)
    if source.mailbox == target.mailbox:
        target = source  # one row in memory, or the second save would undo the first
    places = placements.find(tx, source.mailbox, options.uids)
    if not places:
        return Transferred(target.uidvalidity, [], [], source.highestmodseq)
    books = tx.books()
    modseq = books.tick()
    old = [place.uid for place in places]
    unseen = 0 if options.may.flags & placements.SEEN else reader
    entering = placements.bound(places, options.may)
    new = placements.add(tx, target, entering, modseq)
    placements.carry_seen(tx, source.mailbox, target.mailbox, dict(zip(old, new, strict=True)), unseen)
    placements.remove(tx, source, places, modseq)
    tx.save_box(target)
    tx.save_box(source)
    tx.save_books(books)
    return Transferred(target.uidvalidity, old, new, modseq)
