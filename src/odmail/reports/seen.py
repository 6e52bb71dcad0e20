"""What we saw ourselves, counted until the domain it concerns was told."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore.sql.database import Cursor, Database
from odcore.sql.statement import statement
from odmail.reports.model import Kind
from odmail.reports.schema import seen

MOST_ROWS = 50_000
"""Of a domain and day: somebody who sends from everywhere fills no disk."""

_SEE = upsert(seen)
_COUNT = statement(
    _SEE.on_conflict_do_update(
        index_elements=[seen.c.kind, seen.c.day, seen.c.domain, seen.c.what],
        set_={"count": seen.c.count + _SEE.excluded.count},
    )
)
_DUE = statement(
    select(seen.c.day, seen.c.domain)
    .where(seen.c.kind == bindparam("kind"), seen.c.day < bindparam("today"))
    .group_by(seen.c.day, seen.c.domain)
)
_OF_DAY = (seen.c.kind == bindparam("kind"), seen.c.day == bindparam("day"), seen.c.domain == bindparam("domain"))
_SEEN = statement(select(seen.c.what, seen.c.count).where(*_OF_DAY).order_by(seen.c.count.desc()))
_SIZE = statement(select(func.count(seen.c.what)).where(*_OF_DAY))
_MORE = statement(
    update(seen).where(*_OF_DAY, seen.c.what == bindparam("which")).values(count=seen.c.count + bindparam("more"))
)
_TOLD = statement(delete(seen).where(*_OF_DAY))


class Seen:
    """By kind of report, day since the epoch, and domain."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, kind: Kind, day: int, found: Iterable[tuple[str, str, int]]) -> None:
        """Add what was seen: domain, what, how often. It may be lost with the machine's power, and no other way."""
        rows: dict[str, list[tuple[str, int]]] = {}
        for domain, what, count in found:
            rows.setdefault(domain, []).append((what, count))
        self._database.submit(lambda cursor: _add_all(cursor, kind, day, rows), durable=False)

    def due(self, kind: Kind, today: int) -> list[tuple[int, str]]:
        """Days before today and domains that were told nothing yet."""
        with self._database.read() as cursor:
            return [(day, domain) for day, domain in cursor.all(_DUE, {"kind": kind, "today": today})]

    def of(self, kind: Kind, day: int, domain: str) -> list[tuple[str, int]]:
        """What was seen then, the most frequent first."""
        with self._database.read() as cursor:
            found = cursor.all(_SEEN, {"kind": kind, "day": day, "domain": domain})
        return [(what, count) for what, count in found]

    def forget(self, kind: Kind, day: int, domain: str) -> None:
        """The report is in the queue, or nobody wants one."""
        self._database.submit(lambda cursor: cursor.execute(_TOLD, {"kind": kind, "day": day, "domain": domain}))


def _add_all(cursor: Cursor, kind: Kind, day: int, found: dict[str, list[tuple[str, int]]]) -> None:
    for domain, rows in found.items():
        _add(cursor, kind, day, domain, rows)


def _add(cursor: Cursor, kind: Kind, day: int, domain: str, found: list[tuple[str, int]]) -> None:
    """Where there is no room for more rows, those that are there go on counting."""
    place = {"kind": kind, "day": day, "domain": domain}
    room = MOST_ROWS - cursor.first(_SIZE, place)[0]
    for what, count in found:
        if room > 0:
            cursor.execute(_COUNT, {**place, "what": what, "count": count})
            room -= 1
        else:
            cursor.execute(_MORE, {**place, "which": what, "more": count})
