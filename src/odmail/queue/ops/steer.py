"""An administrator's hand on the queue: retry, hold, release, reroute, delete."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from sqlalchemy import bindparam, case, literal_column, select, update

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.model import Envelope, Status
from odmail.queue.ops.settle import remove
from odmail.queue.schema import queued, recipient

_FIND = statement(select(queued.c.number).where(queued.c.id == bindparam("id")))
_of = (recipient.c.message == bindparam("of"), recipient.c.status == bindparam("before"))
_to_come = (recipient.c.attempts == literal_column("0")) & (recipient.c.due > bindparam("when"))
_due = case((_to_come, recipient.c.due), else_=bindparam("when"))  # what is to be sent later is not sent before
_RETRY = statement(update(recipient).where(*_of, ~_to_come).values(due=bindparam("when")))
_MOVE = statement(update(recipient).where(*_of).values(status=bindparam("after")))
_RELEASE = statement(update(recipient).where(*_of).values(status=literal_column("'waiting'"), due=_due))
_RELEASE_ONE = statement(
    update(recipient)
    .where(*_of, recipient.c.number == bindparam("nth"))
    .values(status=literal_column("'waiting'"), due=bindparam("when"), last_reply=literal_column("''"))
)
_ENVELOPE = statement(select(queued.c.envelope).where(queued.c.id == bindparam("id")))
_CHANGE = statement(update(queued).where(queued.c.id == bindparam("which")).values(envelope=bindparam("text")))

_decode = msgspec.json.Decoder(Envelope).decode
_encode = msgspec.json.Encoder().encode


def retry(cursor: Cursor, ids: Sequence[str], instant: int) -> int:
    """Waiting recipients are due now, but none before its first time. How many messages were concerned."""
    bindings = {"before": Status.WAITING.value, "when": instant}
    return sum(bool(_apply(cursor, _RETRY, each, bindings)) for each in ids)


def hold(cursor: Cursor, ids: Sequence[str]) -> int:
    """Waiting recipients are not tried until released. How many messages were concerned."""
    bindings = {"before": Status.WAITING.value, "after": Status.HELD.value}
    return sum(bool(_apply(cursor, _MOVE, each, bindings)) for each in ids)


def release(cursor: Cursor, ids: Sequence[str], instant: int) -> int:
    """Held recipients are due likewise. How many messages were concerned."""
    bindings = {"before": Status.HELD.value, "when": instant}
    return sum(bool(_apply(cursor, _RELEASE, each, bindings)) for each in ids)


def reroute(cursor: Cursor, ids: Sequence[str], route: str, instant: int) -> int:
    """Another way to the outside, and a try of it now. How many messages were concerned."""
    count = 0
    for each in ids:
        count += _change(cursor, each, lambda envelope: msgspec.structs.replace(envelope, route=route))
    retry(cursor, ids, instant)
    return count


def approve(cursor: Cursor, id: str, lists: tuple[str, ...], numbers: Sequence[int], instant: int) -> None:
    """These of its recipients, which are lists, are due, and need no leave any more."""
    row = cursor.first(_FIND, {"id": id})
    if row is None:
        return
    _change(cursor, id, lambda envelope: msgspec.structs.replace(envelope, approved=(*envelope.approved, *lists)))
    for number in numbers:
        bindings = {"of": row[0], "nth": number, "before": Status.HELD.value, "when": instant}
        cursor.execute(_RELEASE_ONE, bindings)


def _change(cursor: Cursor, id: str, change: Callable[[Envelope], Envelope]) -> bool:
    row = cursor.first(_ENVELOPE, {"id": id})
    if row is not None:
        cursor.execute(_CHANGE, {"which": id, "text": _encode(change(_decode(row[0]))).decode()})
    return row is not None


def delete(cursor: Cursor, ids: Sequence[str]) -> tuple[int, list[str]]:
    """Gone without a bounce: how many, and the digests of their blobs."""
    numbers = {row[0] for each in ids if (row := cursor.first(_FIND, {"id": each})) is not None}
    return len(numbers), remove(cursor, list(numbers))


def _apply(cursor: Cursor, sql: str, id: str, bindings: Mapping[str, object]) -> int:
    row = cursor.first(_FIND, {"id": id})
    if row is None:
        return 0
    cursor.execute(sql, {**bindings, "of": row[0]})
    return cursor.connection.changes()
