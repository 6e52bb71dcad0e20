"""To another name, another folder, or both.  RFC 4918 9.9"""

from odcore.errors import Fault, Kind
from oddav.drive.store.model import Caller, Node
from oddav.drive.store.names import below, split
from oddav.drive.store.ops import locks
from oddav.drive.store.ops.delete import trash
from oddav.drive.store.transaction import Books, Transaction


def move(tx: Transaction, caller: Caller, source: str, target: str) -> None:
    """What is at `target` goes into the trash. Faults NOT_FOUND, CONFLICT, EXISTS, IN_USE, DENIED."""
    apart(source, target)
    node = tx.known(source)
    locks.check_member(tx, caller, source, deep=True)
    books = tx.begin()
    folder = make_way(tx, books, caller, target, node.node)
    locks.unlock_all(tx, source)
    tx.change(books, node, parent=folder.node, name=split(target)[1])
    tx.save(books)


def apart(source: str, target: str) -> None:
    """Fault DENIED: nothing goes into itself, or onto what it lies in."""
    if source == target or target.startswith(below(source)) or source.startswith(below(target)):
        raise Fault(Kind.DENIED, "One lies inside the other.")


def make_way(tx: Transaction, books: Books, caller: Caller, target: str, but: int = 0) -> Node:
    """The folder of `target`, in which its name is free."""
    folder, old = tx.folder_of(target), tx.find(target)
    if old is None:
        locks.check_member(tx, caller, target)
        tx.free(folder.node, split(target)[1], but)
    else:
        locks.check(tx, caller, target, deep=True)
        trash(tx, books, old, target)
    return folder
