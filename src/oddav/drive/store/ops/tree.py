"""A node with all that lies below it."""

from sqlalchemy import bindparam, select

from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Node
from oddav.drive.store.transaction import COLUMNS, Transaction

_node = schema.node
_OURS = _node.c.account == bindparam("account")
_top = select(_node.c.node).where(_OURS, _node.c.node == bindparam("node")).cte("tree", recursive=True)
_below = select(_node.c.node).select_from(_top.join(_node, _node.c.parent == _top.c.node))
_tree = _top.union_all(_below.where(_OURS, _node.c.trashed.is_(None)))
_rows = select(*COLUMNS).select_from(_tree.join(_node, _node.c.node == _tree.c.node)).where(_OURS)
# SQLite keeps the order of a CROSS JOIN. Its own choice would read the whole account for each folder and file.
_TREE = statement(_rows.order_by(_node.c.node)).replace("tree JOIN", "tree CROSS JOIN")


def tree(tx: Transaction, node: int) -> list[Node]:
    """The node first; the rest in no order. Of what is in the trash only when `node` itself is."""
    found = [Node(*row) for row in tx.cursor.all(_TREE, tx.bound(node=node))]
    found.sort(key=lambda each: each.node != node)
    return found
