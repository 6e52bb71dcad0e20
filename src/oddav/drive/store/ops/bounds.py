"""What is kept of the past has bounds besides age: versions of one file by number, all together by the quota.

The oldest goes first. Of versions it is the one whose neighbors are nearest in time: so a file that is saved each
minute still has one of yesterday.
"""

from sqlalchemy import bindparam, literal_column, select, union_all

from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.ops.purge import forget
from oddav.drive.store.transaction import Transaction

MOST = 100
"""Versions of one file."""

_node, _version = schema.node, schema.version
_OF_NODE = statement(
    select(_version.c.version, _version.c.replaced)
    .where(_version.c.account == bindparam("account"), _version.c.node == bindparam("node"))
    .order_by(_version.c.version)
)
_OLDEST = statement(
    union_all(
        select(_node.c.trashed.label("since"), _node.c.node.label("top"), literal_column("0").label("version")).where(
            _node.c.account == bindparam("account"), _node.c.trashed.is_not(None)
        ),
        select(_version.c.replaced, literal_column("0"), _version.c.version).where(
            _version.c.account == bindparam("account")
        ),
    )
    .order_by("since")
    .limit(1)
)


def thin(tx: Transaction, node: int) -> None:
    """After one more version of this file."""
    rows = tx.cursor.all(_OF_NODE, tx.bound(node=node))
    if len(rows) <= MOST:
        return
    gaps = [after[1] - before[1] for before, after in zip(rows, rows[2:], strict=False)]
    forget(tx, [], [rows[1 + gaps.index(min(gaps))][0]])


def fit(tx: Transaction, quota: int) -> None:
    """After any change: beside the files themselves there is as much room again for what is kept of the past."""
    while quota and tx.books().kept > quota:
        _, top, version = tx.cursor.first(_OLDEST, tx.bound())
        forget(tx, [top] if top else [], [version] if version else [])
