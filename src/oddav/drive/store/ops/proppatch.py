"""Dead properties: what clients note about a file, all or nothing.  RFC 4918 9.2"""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, func, insert, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Caller
from oddav.drive.store.ops import locks
from oddav.drive.store.transaction import Transaction

MOST = 64 * 1024
"""Octets of all properties of one file."""

_property = schema.dead_property
_OURS = (_property.c.account == bindparam("account"), _property.c.node == bindparam("node"))
_REMOVE = statement(delete(_property).where(*_OURS, _property.c.name == bindparam("name")))
_ADD = statement(insert(_property))
_SIZE = statement(select(func.sum(func.length(_property.c.value))).where(*_OURS))


def proppatch(tx: Transaction, caller: Caller, path: str, changes: Mapping[str, bytes | None]) -> None:
    """None removes. Faults NOT_FOUND, IN_USE, OVER_QUOTA."""
    node = tx.known(path)
    locks.check(tx, caller, path)
    books = tx.begin()
    for name, value in changes.items():
        tx.cursor.execute(_REMOVE, tx.bound(node=node.node, name=name))
        if value is not None:
            tx.cursor.execute(_ADD, tx.bound(node=node.node, name=name, value=value))
    if (tx.cursor.first(_SIZE, tx.bound(node=node.node))[0] or 0) > MOST:
        raise Fault(Kind.OVER_QUOTA, "The properties of this file are too large.")
    tx.save(books)
