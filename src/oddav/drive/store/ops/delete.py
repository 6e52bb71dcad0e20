"""Deletion is a move into the trash, from where `purge` takes it after a time.  RFC 4918 9.6"""

from sqlalchemy import bindparam, update

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Caller, Node
from oddav.drive.store.ops import locks
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import Books, Transaction

_node = schema.node
_TRASH = statement(
    update(_node)
    .where(_node.c.account == bindparam("account"), _node.c.node == bindparam("key"))
    .values(trashed=bindparam("now"), origin=bindparam("path"), modseq=bindparam("new"))
)


def delete(tx: Transaction, caller: Caller, path: str) -> None:
    """Faults NOT_FOUND, IN_USE, DENIED for the root."""
    if path == "/":
        raise Fault(Kind.DENIED, "This folder cannot be deleted.")
    node = tx.known(path)
    locks.check_member(tx, caller, path, deep=True)
    books = tx.begin()
    trash(tx, books, node, path)
    tx.save(books)


def trash(tx: Transaction, books: Books, node: Node, path: str) -> None:
    """With all that lies below it."""
    books.used -= sum(each.size for each in tree(tx, node.node))
    tx.cursor.execute(_TRASH, tx.bound(key=node.node, now=tx.now, path=path, new=books.modseq))
    locks.unlock_all(tx, path)
