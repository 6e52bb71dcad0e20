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


def delete_taken(tx: Transaction, caller: Caller, path: str, taken: list[Node]) -> None:
    """What has been copied elsewhere, and is as it was then. Faults as `delete`; EXPUNGED when it is not."""
    if sorted(tree(tx, tx.known(path).node), key=_number) != sorted(taken, key=_number):
        raise Fault(Kind.EXPUNGED, "Somebody else has just changed it: there is a copy now, and it is still here.")
    delete(tx, caller, path)


def _number(node: Node) -> int:
    return node.node


def trash(tx: Transaction, books: Books, node: Node, path: str) -> None:
    """With all that lies below it."""
    size = sum(each.size for each in tree(tx, node.node))
    books.used -= size
    books.kept += size
    tx.cursor.execute(_TRASH, tx.bound(key=node.node, now=tx.now, path=path, new=books.modseq))
    locks.unlock_all(tx, path)
