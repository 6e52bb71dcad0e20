"""What became of recipients; messages with nobody left waiting leave the queue."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, literal_column, or_, select, update

from odcore.blob.store import Blobs
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.api import Settled
from odmail.queue.model import Status
from odmail.queue.schema import queued, recipient

_one = (recipient.c.message == bindparam("of"), recipient.c.number == bindparam("nth"))
_open = recipient.c.status.in_([literal_column("'waiting'"), literal_column("'held'")])
_FREE: dict[str, ColumnElement[Any]] = {"owner": literal_column("''"), "leased": literal_column("0")}

_FIND = statement(select(queued.c.number).where(queued.c.id == bindparam("id")))
_FINAL = statement(
    update(recipient)
    .where(*_one, _open)
    .values(
        status=bindparam("outcome"),
        attempts=recipient.c.attempts + bindparam("tries"),
        last_reply=bindparam("reply"),
        **_FREE,
    )
)
_DEFER = statement(
    update(recipient)
    .where(*_one, _open, recipient.c.owner == bindparam("worker"))
    .values(
        attempts=recipient.c.attempts + bindparam("tries"),
        due=bindparam("when"),
        notified=or_(recipient.c.notified, bindparam("told")),
        last_reply=bindparam("reply"),
        **_FREE,
    )
)
_LEFT = statement(
    select(queued.c.digest).where(
        queued.c.number == bindparam("of"), ~exists().where(recipient.c.message == queued.c.number, _open)
    )
)
_DELETE_RECIPIENTS = statement(delete(recipient).where(recipient.c.message == bindparam("of")))
_DELETE_MESSAGE = statement(delete(queued).where(queued.c.number == bindparam("of")))
_NAMED = statement(select(queued.c.number).where(queued.c.digest == bindparam("name"))) + " LIMIT 1"


def settle(cursor: Cursor, outcomes: Sequence[Settled], worker: str) -> list[str]:
    """Write all outcomes; the digests of blobs that lost a message."""
    touched = {name: _number(cursor, name) for name in {outcome.id for outcome in outcomes}}
    for outcome in outcomes:
        number = touched[outcome.id]
        if number is not None:
            _write(cursor, number, outcome, worker)
    return remove_finished(cursor, [number for number in touched.values() if number is not None])


def remove_finished(cursor: Cursor, numbers: Iterable[int]) -> list[str]:
    """Delete those of the messages that wait for nobody; the digests of their blobs."""
    digests = []
    for number in numbers:
        row = cursor.first(_LEFT, {"of": number})
        if row is not None:
            remove(cursor, number)
            digests.append(row[0])
    return [digest for digest in digests if digest is not None]


def remove(cursor: Cursor, number: int) -> None:
    """Delete a message and its recipients."""
    cursor.execute(_DELETE_RECIPIENTS, {"of": number})
    cursor.execute(_DELETE_MESSAGE, {"of": number})


def drop_blobs(cursor: Cursor, blobs: Blobs, digests: Iterable[str]) -> None:
    """Delete blobs that no row names, after the commit that took their last row away (P4).

    The transaction's lock keeps `accept` from naming one of them between the look and the deletion.
    """
    for digest in digests:
        if not is_named(cursor, digest):
            blobs.delete(digest)


def is_named(cursor: Cursor, digest: str) -> bool:
    """Does a message need this blob?"""
    return cursor.first(_NAMED, {"name": digest}) is not None


def _number(cursor: Cursor, id: str) -> int | None:
    row = cursor.first(_FIND, {"id": id})
    return None if row is None else int(row[0])


def _write(cursor: Cursor, number: int, outcome: Settled, worker: str) -> None:
    bindings = {"of": number, "nth": outcome.number, "tries": int(outcome.tried), "reply": outcome.reply}
    if outcome.status in (Status.DELIVERED, Status.FAILED):
        cursor.execute(_FINAL, bindings | {"outcome": outcome.status.value})
    else:
        told = int(outcome.notified)
        cursor.execute(_DEFER, bindings | {"when": outcome.due, "told": told, "worker": worker})
