"""What became of recipients; messages with nobody left waiting leave the queue."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, literal_column, or_, select, update

from odcore.blob.store import Blobs
from odcore.sql.database import Cursor
from odcore.sql.statement import among, statement, values
from odmail.queue.api import Settled
from odmail.queue.model import Status
from odmail.queue.schema import queued, recipient

_one = (recipient.c.message == bindparam("of"), recipient.c.number == bindparam("nth"))
_open = recipient.c.status.in_([literal_column("'waiting'"), literal_column("'held'")])
_FINAL_ONES = (Status.DELIVERED, Status.FAILED)
_FREE: dict[str, ColumnElement[Any]] = {"owner": literal_column("''"), "leased": literal_column("0")}

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
_KNOWN = statement(select(queued.c.id, queued.c.number).where(among(queued.c.id, "names")))
_OPEN = statement(select(recipient.c.message, recipient.c.number).where(among(recipient.c.message, "those"), _open))
_DIGESTS = statement(
    select(queued.c.digest).where(among(queued.c.number, "those"), queued.c.digest.is_not(None)).distinct()
)
_IN_BLOBS = statement(
    select(queued.c.number).where(among(queued.c.id, "names"), queued.c.digest.is_not(None)).limit(literal_column("1"))
)
_DELETE_RECIPIENTS = statement(delete(recipient).where(among(recipient.c.message, "those")))
_DELETE_MESSAGES = statement(delete(queued).where(among(queued.c.number, "those")))
_NAMED = statement(select(queued.c.number).where(queued.c.digest == bindparam("name"))) + " LIMIT 1"


def settle(cursor: Cursor, outcomes: Sequence[Settled], worker: str) -> list[str]:
    """Write all outcomes; the digests of blobs that lost a message.

    What nobody waits for afterwards leaves at once: of it nothing need be written first.
    """
    known = dict(cursor.all(_KNOWN, {"names": values({outcome.id for outcome in outcomes})}))
    waiting: dict[int, set[int]] = {number: set() for number in known.values()}
    for number, nth in cursor.all(_OPEN, {"those": values(waiting)}):
        waiting[number].add(nth)
    for outcome in outcomes:
        if outcome.id in known and outcome.status in _FINAL_ONES:
            waiting[known[outcome.id]].discard(outcome.number)
    finished = [number for number, left in waiting.items() if not left]
    for outcome in outcomes:
        if outcome.id in known and waiting[known[outcome.id]]:
            _write(cursor, known[outcome.id], outcome, worker)
    return remove(cursor, finished)


def remove(cursor: Cursor, numbers: Sequence[int]) -> list[str]:
    """Delete messages and their recipients; the digests of their blobs."""
    those = {"those": values(numbers)}
    digests = [digest for (digest,) in cursor.all(_DIGESTS, those)]
    cursor.execute(_DELETE_RECIPIENTS, those)
    cursor.execute(_DELETE_MESSAGES, those)
    return digests


def in_blobs(cursor: Cursor, names: Iterable[str]) -> bool:
    """Does the body of one of these messages lie in a blob?"""
    return cursor.first(_IN_BLOBS, {"names": values(names)}) is not None


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


def _write(cursor: Cursor, number: int, outcome: Settled, worker: str) -> None:
    bindings = {"of": number, "nth": outcome.number, "tries": int(outcome.tried), "reply": outcome.reply}
    if outcome.status is not Status.WAITING:
        cursor.execute(_FINAL, bindings | {"outcome": outcome.status.value})
    else:
        told = int(outcome.notified)
        cursor.execute(_DEFER, bindings | {"when": outcome.due, "told": told, "worker": worker})
