"""Back from the trash, or to a former version."""

from sqlalchemy import bindparam, delete, null, select, update

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Caller, Node
from oddav.drive.store.names import split
from oddav.drive.store.ops import locks
from oddav.drive.store.ops.kept import number_of, path_of_node
from oddav.drive.store.ops.put import keep
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import COLUMNS, Transaction

_node, _version = schema.node, schema.version
_DELETED = statement(
    select(_node.c.origin).where(
        _node.c.account == bindparam("account"), _node.c.node == bindparam("node"), _node.c.trashed.is_not(None)
    )
)
_UNTRASH = statement(
    update(_node)
    .where(_node.c.account == bindparam("account"), _node.c.node == bindparam("key"))
    .values(trashed=null(), origin=null())
)
_ONE = (_version.c.account == bindparam("account"), _version.c.version == bindparam("version"))
_FORMER = statement(select(_version.c.node, _version.c.digest, _version.c.size, _version.c.mime).where(*_ONE))
_TAKE = statement(delete(_version).where(*_ONE))
_OF_NODE = statement(select(*COLUMNS).where(_node.c.account == bindparam("account"), _node.c.node == bindparam("node")))


def restore(tx: Transaction, caller: Caller, id: str) -> str:
    """The path where it is now. Faults NOT_FOUND, CONFLICT, EXISTS, IN_USE. The quota is not asked."""
    deleted, number = number_of(id)
    return (_deleted if deleted else _former)(tx, caller, number)


def _deleted(tx: Transaction, caller: Caller, number: int) -> str:
    row = tx.cursor.first(_DELETED, tx.bound(node=number))
    if row is None:
        raise Fault(Kind.NOT_FOUND, "Nothing is kept under this id.")
    path = str(row[0])
    folder = tx.folder_of(path)
    tx.free(folder.node, split(path)[1])
    locks.check_member(tx, caller, path)
    books = tx.begin()
    nodes = tree(tx, number)
    size = sum(each.size for each in nodes)
    books.used += size
    books.kept -= size
    tx.cursor.execute(_UNTRASH, tx.bound(key=number))
    tx.change(books, nodes[0], parent=folder.node, name=split(path)[1])
    tx.save(books)
    return path


def _former(tx: Transaction, caller: Caller, number: int) -> str:
    row = tx.cursor.first(_FORMER, tx.bound(version=number))
    path = path_of_node(tx, row[0]) if row else None
    if row is None or path is None:
        raise Fault(Kind.NOT_FOUND, "Nothing is kept under this id.")
    locks.check(tx, caller, path)
    now = Node(*tx.cursor.first(_OF_NODE, tx.bound(node=row[0])))
    books = tx.begin()
    books.used += row[2] - now.size
    books.kept -= row[2]
    keep(tx, books, now, caller.person)
    tx.cursor.execute(_TAKE, tx.bound(version=number))
    tx.change(books, now, digest=row[1], size=row[2], mime=row[3], changed=tx.now)
    tx.save(books)
    return path
