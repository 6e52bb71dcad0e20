"""How many requests with long bodies, or answers, may be under way: a slow one holds a thread, and there are few."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from odcore.errors import Fault, Kind


class Admission:
    """`total` at a time, of which `each` by one account."""

    def __init__(self, total: int, each: int) -> None:
        self._total = total
        self._each = each
        self._lock = Lock()
        self._open: Counter[str] = Counter()

    @contextmanager
    def admitted(self, account: str) -> Iterator[None]:
        """For the time of one request. Fault TRY_LATER when there are too many."""
        with self._lock:
            if self._open.total() >= self._total or self._open[account] >= self._each:
                raise Fault(Kind.TRY_LATER, "Too many transfers at a time, try again in a moment.")
            self._open[account] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[account] -= 1
                if not self._open[account]:
                    del self._open[account]
