"""Who was just found away is left alone for a minute: its mail waits without holding up anybody else's.

Finding out that nobody is there takes as long as patience for a connection lasts, and a conversation meanwhile.
"""

from collections.abc import Callable, Sequence
from threading import Lock

from odcore import clock
from odmail.delivery.ports import Outcome
from odmail.queue.model import Status

PAUSE = 60.0
"""Shorter than any message waits for its next attempt."""

_HOUR = 3600.0
"""Who has answered is believed to be there for so long."""

_UNREACHABLE = "4.4.1"
_MOST = 10_000  # destinations remembered


class Breaker:
    """One for a process; any thread."""

    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._away: dict[str, tuple[float, Outcome]] = {}
        self._known: dict[str, float] = {}  # who has answered, until when that is believed

    def away(self, destination: str) -> Outcome | None:
        """What became of the last attempt, if none is worth while now."""
        with self._lock:
            until, outcome = self._away.get(destination, (0.0, None))
            return outcome if self._now() < until else None

    def is_known(self, destination: str) -> bool:
        """Has somebody answered lately?"""
        with self._lock:
            return self._now() < self._known.get(destination, 0.0)

    def is_new(self, destination: str) -> bool:
        """Nothing is remembered of it, good or bad."""
        with self._lock:
            return destination not in self._known and destination not in self._away

    def note(self, destination: str, outcomes: Sequence[Outcome]) -> None:
        """An attempt was made: was anybody there?"""
        with self._lock:
            self._forget()
            if all(each.status is Status.WAITING and each.enhanced == _UNREACHABLE for each in outcomes):
                self._known.pop(destination, None)
                self._away[destination] = (self._now() + PAUSE, outcomes[0])
            else:
                self._away.pop(destination, None)
                self._known[destination] = self._now() + _HOUR

    def _forget(self) -> None:
        instant = self._now()
        if len(self._away) >= _MOST:
            self._away = {name: each for name, each in self._away.items() if instant < each[0]}
        if len(self._known) >= _MOST:
            self._known = {name: until for name, until in self._known.items() if instant < until}
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
