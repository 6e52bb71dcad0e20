"""What was deleted or replaced and can still be had back."""

from sqlalchemy import bindparam, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import ROOT, Kept, Node
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import COLUMNS, LIVE, Transaction

_node, _version = schema.node, schema.version
_TRASHED = statement(
    select(_node.c.node, _node.c.origin, _node.c.trashed)
    .where(_node.c.account == bindparam("account"), _node.c.trashed.is_not(None))
    .order_by(_node.c.trashed)
)
_VERSIONS = statement(
    select(_version.c.version, _version.c.node, _version.c.size, _version.c.replaced)
    .where(_version.c.account == bindparam("account"))
    .order_by(_version.c.replaced)
)
_LIVE_NODE = statement(select(*COLUMNS).where(*LIVE, _node.c.node == bindparam("node")))


def kept(tx: Transaction) -> list[Kept]:
    """Deleted files and folders first, then former versions of files that are there; the oldest first."""
    found = []
    for node, origin, since in tx.cursor.all(_TRASHED, tx.bound()):
        found.append(Kept(f"d{node}", origin, sum(each.size for each in tree(tx, node)), since, deleted=True))
    for version, node, size, since in tx.cursor.all(_VERSIONS, tx.bound()):
        path = path_of_node(tx, node)
        if path is not None:
            found.append(Kept(f"v{version}", path, size, since, deleted=False))
    return found


def number_of(id: str) -> tuple[bool, int]:
    """What an id of `kept` says: was it deleted, and which node or version is it? Fault NOT_FOUND."""
    kind, number = id[:1], id[1:]
    if kind not in ("d", "v") or not (number.isascii() and number.isdigit() and len(number) < 18):
        raise Fault(Kind.NOT_FOUND, "Nothing is kept under this id.")
    return kind == "d", int(number)


def path_of_node(tx: Transaction, node: int) -> str | None:
    """Where it is; None when it, or a folder it is in, was deleted."""
    names: list[str] = []
    while node != ROOT:
        row = tx.cursor.first(_LIVE_NODE, tx.bound(node=node))
        if row is None:
            return None
        found = Node(*row)
        names.append(found.name)
        node = found.parent
    return "/" + "/".join(reversed(names))
