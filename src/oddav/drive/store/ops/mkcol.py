"""A new folder.  RFC 4918 9.3"""

from oddav.drive.store.model import Caller, Node
from oddav.drive.store.names import split
from oddav.drive.store.ops import locks
from oddav.drive.store.transaction import Transaction


def mkcol(tx: Transaction, caller: Caller, path: str) -> None:
    """Faults CONFLICT, EXISTS, IN_USE."""
    folder, name = tx.folder_of(path), split(path)[1]
    tx.free(folder.node, name)
    locks.check_member(tx, caller, path)
    books = tx.begin()
    tx.add(books, Node(0, folder.node, name, 1, None, 0, "", tx.now, tx.now, 0))
    tx.save(books)
