"""A node with all that lies below it."""

from sqlalchemy import bindparam, select

from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Node
from oddav.drive.store.transaction import COLUMNS, Transaction

_node = schema.node
_OURS = _node.c.account == bindparam("account")
_top = select(_node.c.node).where(_OURS, _node.c.node == bindparam("node")).cte("tree", recursive=True)
_tree = _top.union_all(
    select(_node.c.node).join(_top, _node.c.parent == _top.c.node).where(_OURS, _node.c.trashed.is_(None))
)
_TREE = statement(select(*COLUMNS).join(_tree, _node.c.node == _tree.c.node).where(_OURS).order_by(_node.c.node))


def tree(tx: Transaction, node: int) -> list[Node]:
    """The node first; the rest in no order. Of what is in the trash only when `node` itself is."""
    found = [Node(*row) for row in tx.cursor.all(_TREE, tx.bound(node=node))]
    found.sort(key=lambda each: each.node != node)
    return found
