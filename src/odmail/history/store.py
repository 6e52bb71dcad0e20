"""The history of one node: a database a day, so that what is too old goes as files.

Nobody waits for history: `note` puts an event into memory, a thread writes what came within a second in one commit that
waits for no disk. A history that cannot be written loses events, never mail: the log says so. kill -9 loses the last
second, a power cut perhaps the last minutes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from threading import Lock

import structlog

from odcore import clock
from odcore.backlog import Backlog
from odcore.errors import Fault
from odcore.sql.database import Cursor, Database
from odmail.history.model import Event
from odmail.history.ops import add
from odmail.history.schema import SCHEMA

log = structlog.get_logger()

KEEP = timedelta(days=400)

_MOST_WAITING = 50_000
_AT_ONCE = 2_000
_GATHER = 1.0
"""Seconds in which events come together: a commit costs as much as many of them."""


class History:
    """Shared by all threads of a process; any process of a node writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._backlog = Backlog("history", self._write, most=_MOST_WAITING, at_once=_AT_ONCE, gather=_GATHER)
        self._lock = Lock()
        self._lost = 0
        self._today: Database | None = None

    def note(self, event: Event) -> None:
        """See `model.Note`."""
        if not self._backlog.offer(event):
            with self._lock:
                self._lost += 1

    def flush(self) -> None:
        """Returns when all that was noted is written or given up."""
        self._backlog.flush()

    def close(self) -> None:
        """Write what waits, and let go of the files."""
        self._backlog.close()
        self._let_go()

    def days(self, since: date, until: date) -> list[date]:
        """Those with a history, oldest first."""
        found = (_day_of(path) for path in self._folder.glob("*.sqlite"))
        return sorted(day for day in found if day is not None and since <= day <= until)

    @contextmanager
    def read(self, day: date) -> Iterator[Cursor]:
        """One of `days`, as it is now."""
        database = Database(self._path(day), SCHEMA)
        try:
            with database.read() as cursor:
                yield cursor
        finally:
            database.close()

    def expire(self) -> int:
        """Delete the days that are too old, a daily duty; how many."""
        old = self.days(date.min, clock.now().date() - KEEP)
        for day in old:
            path = self._path(day)
            for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                each.unlink(missing_ok=True)
        return len(old)

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.sqlite"

    # The thread that writes.

    def _write(self, batch: Sequence[Event]) -> None:
        with self._lock:
            lost, self._lost = self._lost, 0
        try:
            for day, events in groupby(batch, key=lambda event: datetime.fromtimestamp(event.at, UTC).date()):
                add(self._database(day), list(events))
        except Fault as fault:
            lost += len(batch)
            log.error("history_not_written", events=lost, reason=fault.text)
        except Exception:
            log.exception("history_not_written", events=lost + len(batch))
        else:
            if lost:
                log.error("history_not_written", events=lost, reason="more came than could be written")

    def _database(self, day: date) -> Database:
        """That of the day before is let go."""
        path = self._path(day)
        if self._today is None or self._today.path != path:
            self._let_go()
            self._today = Database(path, SCHEMA)
        return self._today

    def _let_go(self) -> None:
        database, self._today = self._today, None
        if database is not None:
            database.close()


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None
