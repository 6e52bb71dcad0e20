"""Messages that came before `message.links`: what SORT, THREAD and THREADID know of them is made anew.

Until then SORT and THREAD make it from their headers whenever they ask for it.
"""

from collections.abc import Callable

from sqlalchemy import bindparam, literal_column, select

from odcore.sql.statement import statement
from odmail.mailbox import messages, schema
from odmail.mailbox.transaction import Transaction
from odmail.message.model import Parsed
from odmail.message.parse import parse

_BATCH = 50
"""Messages in one transaction: a delivery never waits long."""

Old = list[tuple[int, int, Parsed]]
"""Messages, their threads, and what is known of them by their headers."""

_message, _body = schema.message, schema.body
_PENDING = statement(
    select(_message.c.message, _message.c.thread, _body.c.header)
    .select_from(
        _message.join(_body, (_body.c.account == _message.c.account) & (_body.c.message == _message.c.message))
    )
    .where(_message.c.account == bindparam("account"), _message.c.links.is_(None))
    .order_by(_message.c.message)
    .limit(literal_column(str(_BATCH)))
)


def renew(
    read: Callable[[Callable[[Transaction], Old]], Old], write: Callable[[Callable[[Transaction], None]], None]
) -> int:
    """The next few messages; how many. Headers are read before the transaction that writes begins."""
    old = read(_pending)
    if old:
        write(lambda tx: _write(tx, old))
    return len(old)


def _pending(tx: Transaction) -> Old:
    rows = tx.cursor.all(_PENDING, {"account": tx.account})
    return [(message, thread, parse(block)) for message, thread, block in rows]


def _write(tx: Transaction, old: Old) -> None:
    for one in old:
        messages.renew(tx, *one)
