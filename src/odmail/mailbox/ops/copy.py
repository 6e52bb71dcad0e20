"""COPY: more places for the same octets.  RFC 9051 6.4.7"""

from odmail.mailbox import placements
from odmail.mailbox.api import Transfer, Transferred
from odmail.mailbox.transaction import Transaction


def copy(tx: Transaction, options: Transfer, reader: int = 0) -> Transferred:
    """Flags, keywords, INTERNALDATE and everybody's \\Seen go along. Faults NOT_FOUND (target), OVER_QUOTA.

    A copy counts in full towards the quota: what a person sees in STATUS=SIZE is what is charged.
    """
    source, target = tx.box(options.mailbox), tx.named(options.target)
    places = placements.find(tx, source.mailbox, options.uids)
    if not places:
        return Transferred(target.uidvalidity, [], [], source.highestmodseq)
    books = tx.books()
    books.take(sum(place.size for place in places), len(places))
    old = [place.uid for place in places]
    unseen = 0 if options.may.flags & placements.SEEN else reader
    new = placements.add(tx, target, placements.bound(places, options.may), books.tick())
    placements.carry_seen(tx, source.mailbox, target.mailbox, dict(zip(old, new, strict=True)), unseen)
    tx.save_box(target)
    tx.save_books(books)
    return Transferred(target.uidvalidity, old, new, source.highestmodseq)
