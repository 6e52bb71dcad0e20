"""What was in the drive at an instant: with the contents of then, and what was deleted since, as far as both are kept.

Where a file was moved since, it is told where it lies now.
"""

from collections import defaultdict

from sqlalchemy import bindparam, select

from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import ROOT, Node, Past
from oddav.drive.store.transaction import COLUMNS, Transaction

_node, _version = schema.node, schema.version
_ALL = statement(select(_node.c.trashed, _node.c.origin, *COLUMNS).where(_node.c.account == bindparam("account")))
_OF_THEN = statement(
    select(_version.c.node, _version.c.digest, _version.c.size, _version.c.changed).where(
        _version.c.account == bindparam("account"),
        _version.c.changed < bindparam("instant"),
        _version.c.replaced >= bindparam("instant"),
    )
)


def past(tx: Transaction, instant: int) -> list[Past]:
    """By path."""
    then = {node: rest for node, *rest in tx.cursor.all(_OF_THEN, tx.bound(instant=instant))}
    below: dict[int, list[Node]] = defaultdict(list)
    waiting: list[tuple[Node, str]] = []
    for trashed, origin, *row in tx.cursor.all(_ALL, tx.bound()):
        node = Node(*row)
        if trashed is None:
            below[node.parent].append(node)
        elif trashed >= instant:
            waiting.append((node, origin))
    waiting += [(node, f"/{node.name}") for node in below[ROOT]]
    found: list[Past] = []
    while waiting:
        node, path = waiting.pop()
        waiting += [(each, f"{path}/{each.name}") for each in below[node.node]]
        if node.digest is not None and node.changed < instant:
            found.append(Past(path, node.digest, node.size, node.changed))
        elif node.node in then:
            found.append(Past(path, *then[node.node]))
    return sorted(found, key=lambda each: each.path)
