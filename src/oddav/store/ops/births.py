"""An account's first moment: a calendar, a list of tasks, an address book, and where invitations pass."""

from sqlalchemy import bindparam, insert, select

from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Create, Kind
from oddav.store.ops.create import add
from oddav.store.transaction import Transaction

_IS_BORN = statement(select(schema.home.c.account).where(schema.home.c.account == bindparam("account")))
_ADD_HOME = statement(insert(schema.home))
_PASSES = (Kind.INBOX, Kind.OUTBOX)


def is_born(tx: Transaction) -> bool:
    """A crash may have left a database with nobody in it."""
    return tx.cursor.first(_IS_BORN, {"account": tx.account}) is not None


def lacking(tx: Transaction, first: tuple[Create, ...]) -> tuple[Create, ...] | None:
    """What of `first` is to be made; None for nothing. An older account has no inbox and no outbox."""
    if not is_born(tx):
        return first
    there = {each.kind for each in tx.collections()}
    return tuple(each for each in first if each.kind in _PASSES and each.kind not in there) or None


def be_born(tx: Transaction, made: tuple[Create, ...]) -> None:
    """Make the home, once, with what everybody has."""
    if not is_born(tx):
        tx.cursor.execute(_ADD_HOME, {"account": tx.account, "next_collection": 1, "next_item": 1, "octets": 0})
    home = tx.home()
    for each in made:
        if tx.find(each.name) is None:
            add(tx, home, each)
    tx.save_home(home)
