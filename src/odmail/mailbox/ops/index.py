"""Indexing, apart from delivery: it costs more than storing a message, and only a search needs it."""

from collections.abc import Callable

from sqlalchemy import bindparam, literal_column, select, update

from odcore.blob.store import Blobs
from odcore.sql.statement import statement
from odmail.mailbox import content, schema, text
from odmail.mailbox.transaction import Transaction

_BATCH = 50
"""Messages in one transaction: a delivery never waits long for the index."""

_message, _account = schema.message, schema.account
_PENDING = statement(
    select(_message.c.message)
    .where(
        _message.c.account == bindparam("account"),
        _message.c.message
        > select(_account.c.indexed).where(_account.c.account == bindparam("account")).scalar_subquery(),
    )
    .order_by(_message.c.message)
    .limit(literal_column(str(_BATCH)))
)
_INDEXED = statement(select(_account.c.indexed).where(_account.c.account == bindparam("account")))
_SET_INDEXED = statement(
    update(_account).where(_account.c.account == bindparam("account")).values(indexed=bindparam("upto"))
)


def index_pending(
    read: Callable[[Callable[[Transaction], dict[int, str]]], dict[int, str]],
    write: Callable[[Callable[[Transaction], int]], int],
    blobs: Blobs,
) -> int:
    """Index the next few messages; how many. Texts are read before the transaction that writes them begins."""
    texts = read(lambda tx: _texts(tx, blobs))
    return write(lambda tx: _add(tx, texts)) if texts else 0


def indexed(tx: Transaction) -> int:
    """The key of the newest message in the index."""
    return int(tx.cursor.first(_INDEXED, {"account": tx.account})[0])


def _texts(tx: Transaction, blobs: Blobs) -> dict[int, str]:
    pending = [message for (message,) in tx.cursor.all(_PENDING, {"account": tx.account})]
    return {message: f"{one.header}\n{one.body}" for message, one in content.load(tx, pending, blobs)}


def _add(tx: Transaction, texts: dict[int, str]) -> int:
    """Another process may have indexed some of them meanwhile."""
    reached = indexed(tx)
    fresh = {message: words for message, words in texts.items() if message > reached}
    for message, words in fresh.items():
        text.add(tx, message, words)
    if fresh:
        tx.cursor.execute(_SET_INDEXED, {"account": tx.account, "upto": max(fresh)})
    return len(texts)
