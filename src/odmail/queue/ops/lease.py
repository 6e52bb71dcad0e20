"""What is due goes to the worker that asks, oldest first."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, select, update

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.ops.rows import MESSAGE, STANDING
from odmail.queue.schema import queued, recipient

Found = tuple[tuple[Any, ...], list[tuple[Any, ...]]]
"""A message's row and those of its due recipients."""

_NOBODY: ColumnElement[str] = literal_column("''")
_free = and_(
    recipient.c.status == literal_column("'waiting'"),  # a literal, so that the partial index serves
    recipient.c.due <= bindparam("instant"),
    recipient.c.leased <= bindparam("instant"),
)
_of_message = recipient.c.message == bindparam("of")

_DUE = (
    statement(select(recipient.c.message).where(_free).order_by(recipient.c.due, recipient.c.message)) + " LIMIT :most"
)
_MESSAGE = statement(select(*MESSAGE).where(queued.c.number == bindparam("of")))
_STANDINGS = statement(select(*STANDING).where(_of_message, _free).order_by(recipient.c.number))
_LEASE = statement(
    update(recipient).where(_of_message, _free).values(owner=bindparam("worker"), leased=bindparam("until"))
)
_RECOVER = statement(
    update(recipient)
    .where(recipient.c.owner != _NOBODY, recipient.c.owner != bindparam("worker"))
    .values(owner=_NOBODY, leased=literal_column("0"))
)


def has_due(cursor: Cursor, instant: int) -> bool:
    """Is there anything to lease? A look that takes no lock."""
    return cursor.first(_DUE, {"instant": instant, "most": 1}) is not None


def lease(cursor: Cursor, most: int, instant: int, until: int, worker: str) -> list[Found]:
    """At most `most` messages, each with all of its recipients that are due."""
    rows = cursor.all(_DUE, {"instant": instant, "most": most})
    found = []
    for number in dict.fromkeys(row[0] for row in rows):
        bindings = {"of": number, "instant": instant}
        standings = cursor.all(_STANDINGS, bindings)
        cursor.execute(_LEASE, {"of": number, "instant": instant, "worker": worker, "until": until})
        found.append((cursor.first(_MESSAGE, {"of": number}), standings))
    return found


def recover(cursor: Cursor, worker: str) -> int:
    """What others have leased is free again."""
    cursor.execute(_RECOVER, {"worker": worker})
    return cursor.connection.changes()
