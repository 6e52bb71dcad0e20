"""Messages that came before outlines: they get theirs, the newest first, as they are looked at most.

Until then their fields are picked out of their headers.
"""

from collections.abc import Callable

from sqlalchemy import bindparam, literal_column, select, update

from odcore.sql.statement import statement
from odmail.mailbox import messages, schema
from odmail.mailbox.transaction import Transaction
from odmail.message.outline import draw

_BATCH = 50
"""Messages in one transaction: a delivery never waits long."""

_account, _body = schema.account, schema.body
_OF_ACCOUNT = _account.c.account == bindparam("account")
_PENDING = statement(
    select(_body.c.message, _body.c.header)
    .where(
        _body.c.account == bindparam("account"),
        _body.c.message < select(_account.c.outlined).where(_OF_ACCOUNT).scalar_subquery(),
    )
    .order_by(_body.c.message.desc())
    .limit(literal_column(str(_BATCH)))
)
_SET_OUTLINED = statement(update(_account).where(_OF_ACCOUNT).values(outlined=bindparam("lowest")))


def draw_old(
    read: Callable[[Callable[[Transaction], bool]], bool], write: Callable[[Callable[[Transaction], int]], int]
) -> int:
    """The next few messages; how many."""
    return write(_draw) if read(lambda tx: tx.cursor.first(_PENDING, {"account": tx.account}) is not None) else 0


def _draw(tx: Transaction) -> int:
    """In one transaction, so that none is purged meanwhile."""
    rows = tx.cursor.all(_PENDING, {"account": tx.account})
    for message, header in rows:
        drawn = draw(header)
        if drawn is not None:
            messages.add_outline(tx, message, drawn)
    if rows:
        tx.cursor.execute(_SET_OUTLINED, {"account": tx.account, "lowest": rows[-1][0]})
    return len(rows)
