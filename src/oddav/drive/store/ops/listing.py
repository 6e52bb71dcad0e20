"""What is at a path, and in a folder."""

from sqlalchemy import bindparam, select

from odcore.sql.statement import among, statement, values
from oddav.drive.store import schema
from oddav.drive.store.model import Entry, Node
from oddav.drive.store.transaction import COLUMNS, LIVE, Transaction

_node, _property = schema.node, schema.dead_property
_CHILDREN = statement(select(*COLUMNS).where(*LIVE, _node.c.parent == bindparam("parent")).order_by(_node.c.key))
_PROPERTIES = statement(
    select(_property.c.node, _property.c.name, _property.c.value).where(
        _property.c.account == bindparam("account"), among(_property.c.node, "nodes")
    )
)


def entry(tx: Transaction, path: str) -> Entry | None:
    """What is at `path`."""
    node = tx.find(path)
    return entries(tx, [node])[0] if node else None


def children(tx: Transaction, folder: int) -> list[Entry]:
    """By name."""
    return entries(tx, [Node(*row) for row in tx.cursor.all(_CHILDREN, tx.bound(parent=folder))])


def entries(tx: Transaction, nodes: list[Node]) -> list[Entry]:
    """With their properties: one statement, however many there are."""
    found: dict[int, dict[str, bytes]] = {node.node: {} for node in nodes}
    for node, name, value in tx.cursor.all(_PROPERTIES, tx.bound(nodes=values(found))):
        found[node][name] = value
    return [Entry(node, found[node.node]) for node in nodes]
