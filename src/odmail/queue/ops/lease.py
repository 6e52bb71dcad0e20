"""What is due goes to the worker that asks, oldest first."""

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, select, update

from odcore.sql.database import Cursor
from odcore.sql.statement import among, statement, values
from odmail.queue.ops.rows import MESSAGE, STANDING
from odmail.queue.schema import queued, recipient

Found = tuple[tuple[Any, ...], list[tuple[Any, ...]]]
"""A message's row, its body last, and those of its due recipients."""

_NOBODY: ColumnElement[str] = literal_column("''")
_free = and_(
    recipient.c.status == literal_column("'waiting'"),  # a literal, so that the partial index serves
    recipient.c.due <= bindparam("instant"),
    recipient.c.leased <= bindparam("instant"),
)
_of_messages = among(recipient.c.message, "those")

_DUE = (
    statement(select(recipient.c.message).where(_free).order_by(recipient.c.due, recipient.c.message)) + " LIMIT :most"
)
_MESSAGES = statement(select(*MESSAGE, queued.c.body).where(among(queued.c.number, "those")))
_STANDINGS = statement(
    select(recipient.c.message, *STANDING).where(_of_messages, _free).order_by(recipient.c.message, recipient.c.number)
)
_LEASE = statement(
    update(recipient).where(_of_messages, _free).values(owner=bindparam("worker"), leased=bindparam("until"))
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
    numbers = list(dict.fromkeys(row[0] for row in cursor.all(_DUE, {"instant": instant, "most": most})))
    those = {"those": values(numbers), "instant": instant}
    standings = defaultdict(list)
    for number, *standing in cursor.all(_STANDINGS, those):
        standings[number].append(tuple(standing))
    cursor.execute(_LEASE, {**those, "worker": worker, "until": until})
    rows = {row[0]: row for row in cursor.all(_MESSAGES, those)}
    return [(rows[number], standings[number]) for number in numbers]


def recover(cursor: Cursor, worker: str) -> int:
    """What others have leased is free again."""
    cursor.execute(_RECOVER, {"worker": worker})
    return cursor.connection.changes()
