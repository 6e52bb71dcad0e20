"""An account's first moment: its row and the mailboxes everybody has, subscribed."""

from hashlib import blake2b

import msgspec
from sqlalchemy import bindparam, insert, select

from odcore.ids import AccountId
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.api import Subscribe
from odmail.mailbox.model import BORN_WITH
from odmail.mailbox.ops.create import add
from odmail.mailbox.ops.subscribe import subscribe
from odmail.mailbox.transaction import Books, Transaction

_IS_BORN = statement(select(schema.account.c.account).where(schema.account.c.account == bindparam("account")))
_ADD_ACCOUNT = statement(insert(schema.account))


def is_born(tx: Transaction) -> bool:
    """Whether the account has its row."""
    return tx.cursor.first(_IS_BORN, {"account": tx.account}) is not None


def be_born(tx: Transaction, account: AccountId) -> None:
    """Make the account, once."""
    first = first_message(account)
    books = Books(
        modseq=0,
        next_message=first,
        next_mailbox=1,
        uidvalidity=0,
        used=0,
        messages=0,
        quota=0,
        indexed=first - 1,
        outlined=first,
    )
    tx.cursor.execute(_ADD_ACCOUNT, {"account": tx.account, **msgspec.structs.asdict(books)})
    for name, special_use in BORN_WITH:
        add(tx, books, name, special_use)
        subscribe(tx, Subscribe(name, on=True))
    tx.save_books(books)


def first_message(account: AccountId) -> int:
    """Keys count up from a point of the account's own: an EMAILID must differ between accounts one session sees.

    RFC 8474 5.1. 31 bits name the account, 32 bits are left to count.
    """
    own = int.from_bytes(blake2b(account.encode(), digest_size=4).digest(), "big") >> 1
    return (own << 32) + 1
