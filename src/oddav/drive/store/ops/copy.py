"""A copy shares its content with the original: only rows are written.  RFC 4918 9.8"""

import msgspec
from sqlalchemy import bindparam, insert, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Caller
from oddav.drive.store.names import split
from oddav.drive.store.ops.move import apart, make_way
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import Transaction

_property = schema.dead_property
_COPY_PROPERTIES = statement(
    insert(_property).from_select(
        ["account", "node", "name", "value"],
        select(
            _property.c.account, bindparam("copy", type_=_property.c.node.type), _property.c.name, _property.c.value
        ).where(_property.c.account == bindparam("account"), _property.c.node == bindparam("node")),
    )
)


class Copy(msgspec.Struct, frozen=True):
    """`deep`: with all that lies below."""

    source: str
    target: str
    deep: bool
    quota: int


def copy(tx: Transaction, caller: Caller, wanted: Copy) -> None:
    """Faults NOT_FOUND, CONFLICT, EXISTS, IN_USE, DENIED, OVER_QUOTA."""
    apart(wanted.source, wanted.target)
    top = tx.known(wanted.source)
    nodes = sorted(tree(tx, top.node), key=lambda each: each.node) if wanted.deep else [top]
    books = tx.begin()
    folder = make_way(tx, books, caller, wanted.target)
    added = sum(each.size for each in nodes)
    books.used += added
    if wanted.quota and added and books.used > wanted.quota:
        raise Fault(Kind.OVER_QUOTA, "There is no room left for the copy.")
    numbers = {each.node: books.next_node + index for index, each in enumerate(nodes)}
    for each in nodes:
        parent, name = numbers.get(each.parent, 0), each.name
        if each.node == top.node:
            parent, name = folder.node, split(wanted.target)[1]
        new = tx.add(books, msgspec.structs.replace(each, parent=parent, name=name, created=tx.now))
        tx.cursor.execute(_COPY_PROPERTIES, tx.bound(copy=new.node, node=each.node))
    tx.save(books)
