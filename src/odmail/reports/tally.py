"""Counting what others will be told, a little while in memory, then in the database.

Whatever is alike is one row with a number. A process that is killed forgets at most half a minute of it: these are
reports, and nobody's mail depends on them.
"""

from collections import Counter
from threading import Lock

import msgspec
import structlog

from odcore import clock
from odcore.errors import Fault
from odmail.reports.model import Kind
from odmail.reports.seen import Seen

log = structlog.get_logger()

DAY = 86400
SECONDS = 30.0
"""How often its process calls `flush`."""

_MOST = 500  # different rows


class Tally:
    """One for a process; any thread may note."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._lock = Lock()
        self._counts: Counter[tuple[Kind, int, str, str]] = Counter()

    def note(self, kind: Kind, domain: str, what: msgspec.Struct) -> None:
        """Once more."""
        day = clock.timestamp() // DAY
        key = (kind, day, domain, msgspec.json.encode(what).decode())
        with self._lock:
            self._counts[key] += 1
            due = len(self._counts) >= _MOST
        if due:
            self.flush()

    def flush(self) -> None:
        """Into the database; what it does not take now is lost, for the next half minute brings more."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            for kind, day in {key[:2] for key in counts}:
                rows = [(key[2], key[3], count) for key, count in counts.items() if key[:2] == (kind, day)]
                self._seen.count(kind, day, rows)
        except Fault as fault:
            log.warning("not_counted", rows=len(counts), reason=fault.text)

    def close(self) -> None:
        """What is in memory still."""
        if self._counts:
            self.flush()
