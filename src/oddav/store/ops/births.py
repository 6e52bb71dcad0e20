"""An account's first moment: a calendar, a list of tasks and an address book."""

from sqlalchemy import bindparam, insert, select

from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Create
from oddav.store.ops.create import add
from oddav.store.transaction import Home, Transaction

_IS_BORN = statement(select(schema.home.c.account).where(schema.home.c.account == bindparam("account")))
_ADD_HOME = statement(insert(schema.home))


def is_born(tx: Transaction) -> bool:
    """Whether the account has its row."""
    return tx.cursor.first(_IS_BORN, {"account": tx.account}) is not None


def be_born(tx: Transaction, first: tuple[Create, ...]) -> None:
    """Make the home, once, with what everybody has."""
    home = Home(next_collection=1, next_item=1, octets=0)
    tx.cursor.execute(_ADD_HOME, {"account": tx.account, "next_collection": 1, "next_item": 1, "octets": 0})
    for each in first:
        add(tx, home, each)
    tx.save_home(home)
