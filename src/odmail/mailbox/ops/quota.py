"""Quota of an account.  RFC 9208"""

from odmail.mailbox.model import Quota
from odmail.mailbox.transaction import Transaction


def quota(tx: Transaction) -> Quota:
    """Used is the sum of all placements' sizes, copies included."""
    books = tx.books()
    return Quota(used=books.used, limit=books.quota, messages=books.messages)


def set_quota(tx: Transaction, limit: int) -> None:
    """Octets, 0 for none. An account may be over a lowered limit; it only cannot grow."""
    books = tx.books()
    books.quota = limit
    tx.save_books(books)
