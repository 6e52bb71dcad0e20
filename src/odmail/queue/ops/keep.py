"""A lease goes on while somebody still means to use it; what was put back may be taken up at once."""

from collections.abc import Iterable

from sqlalchemy import bindparam, literal_column, select, update

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.schema import queued, recipient

_number = select(queued.c.number).where(queued.c.id == bindparam("id")).scalar_subquery()
_one = (
    recipient.c.message == _number,
    recipient.c.number == bindparam("nth"),
    recipient.c.status == literal_column("'waiting'"),
)
_KEEP = statement(
    update(recipient)
    .where(*_one, recipient.c.owner == bindparam("worker"), recipient.c.leased == bindparam("ends"))
    .values(leased=bindparam("until"))
)
_READY = statement(
    update(recipient).where(*_one, recipient.c.leased <= bindparam("instant")).values(due=literal_column("0"))
)


def keep(cursor: Cursor, id: str, numbers: Iterable[int], worker: str, ends: int, until: int) -> set[int]:
    """Those of the recipients whose lease is the one that ends then: now it ends later."""
    kept = set()
    for nth in numbers:
        cursor.execute(_KEEP, {"id": id, "nth": nth, "worker": worker, "ends": ends, "until": until})
        if cursor.connection.changes():
            kept.add(nth)
    return kept


def ready(cursor: Cursor, those: Iterable[tuple[str, int]], instant: int) -> None:
    """Due before all else, unless somebody has them."""
    for name, nth in those:
        cursor.execute(_READY, {"id": name, "nth": nth, "instant": instant})
