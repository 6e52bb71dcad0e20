"""A copy shares its content with the original: only rows are written, and links to another drive.  RFC 4918 9.8"""

from collections.abc import Iterator
from itertools import islice

import msgspec
from sqlalchemy import insert

from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import contents, schema
from oddav.drive.store.model import Caller, Entry
from oddav.drive.store.names import split
from oddav.drive.store.ops import locks
from oddav.drive.store.ops.listing import entries
from oddav.drive.store.ops.move import apart, make_way
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import Transaction

_AT_A_TIME = 64

_ADD_PROPERTY = statement(insert(schema.dead_property))


class Copy(msgspec.Struct, frozen=True):
    """`deep`: with all that lies below."""

    source: str
    target: str
    deep: bool
    quota: int


class Graft(msgspec.Struct, frozen=True):
    """What was taken somewhere, the topmost first, and where it is to be."""

    taken: list[Entry]
    target: str
    quota: int


def copy(tx: Transaction, caller: Caller, wanted: Copy) -> None:
    """Faults NOT_FOUND, CONFLICT, EXISTS, IN_USE, DENIED, OVER_QUOTA."""
    apart(wanted.source, wanted.target)
    graft(tx, caller, Graft(taken(tx, wanted.source, wanted.deep), wanted.target, wanted.quota))


def taken(tx: Transaction, path: str, deep: bool) -> list[Entry]:
    """What is at `path`, the topmost first. Fault NOT_FOUND."""
    top = tx.known(path)
    return entries(tx, tree(tx, top.node) if deep else [top])


def taken_to_move(tx: Transaction, caller: Caller, path: str) -> list[Entry]:
    """The same, if all of it may go from there. Faults NOT_FOUND, IN_USE."""
    locks.check_member(tx, caller, path, deep=True)
    return taken(tx, path, deep=True)


def graft(tx: Transaction, caller: Caller, wanted: Graft) -> None:
    """The contents must be here. Faults CONFLICT, EXISTS, IN_USE, OVER_QUOTA."""
    books = tx.begin()
    folder = make_way(tx, books, caller, wanted.target)
    added = sum(each.node.size for each in wanted.taken)
    books.used += added
    if wanted.quota and added and books.used > wanted.quota:
        raise Fault(Kind.OVER_QUOTA, "There is no room left for the copy.")
    numbers = {each.node.node: books.next_node + index for index, each in enumerate(wanted.taken)}
    for each in wanted.taken:
        parent, name = numbers.get(each.node.parent, 0), each.node.name
        if each is wanted.taken[0]:
            parent, name = folder.node, split(wanted.target)[1]
        new = tx.add(books, msgspec.structs.replace(each.node, parent=parent, name=name, created=tx.now))
        for title, value in each.properties.items():
            tx.cursor.execute(_ADD_PROPERTY, tx.bound(node=new.node, name=title, value=value))
    tx.save(books)


def contents_of(taken: list[Entry]) -> Iterator[list[str]]:
    """The digests of the files among them, each once, a few at a time."""
    digests = iter(_digests(taken))
    while some := list(islice(digests, _AT_A_TIME)):
        yield some


def check_brought(tx: Transaction, taken: list[Entry], blobs: Blobs) -> None:
    """In the transaction that names them. Fault TRY_LATER when a purge has come between."""
    if not all(contents.holds(tx, digest, blobs) for digest in _digests(taken)):
        raise Fault(Kind.TRY_LATER, "It could not be copied now, try again.")


def _digests(taken: list[Entry]) -> set[str]:
    return {each.node.digest for each in taken if each.node.digest}
