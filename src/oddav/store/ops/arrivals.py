"""Which messages have been here: a repetition counts for nothing."""

from sqlalchemy import bindparam, delete, insert, select

from odcore import clock
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.transaction import Transaction

_REMEMBERED = 60 * 86400
"""Seconds, and longer than anything is tried."""

_table = schema.arrival
_FIND = statement(select(_table.c.id).where(_table.c.account == bindparam("account"), _table.c.id == bindparam("id")))
_ADD = statement(insert(_table))
_FORGET = statement(
    delete(_table).where(_table.c.account == bindparam("account"), _table.c.arrived < bindparam("before"))
)


def is_new(tx: Transaction, id: str) -> bool:
    """Whether it was not here before; from now on it was."""
    key = {"account": tx.account, "id": id}
    if tx.cursor.first(_FIND, key) is not None:
        return False
    now = clock.timestamp()
    tx.cursor.execute(_FORGET, {"account": tx.account, "before": now - _REMEMBERED})
    tx.cursor.execute(_ADD, {**key, "arrived": now})
    return True
