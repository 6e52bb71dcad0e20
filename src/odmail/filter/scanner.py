"""A scanner beside us that may be away: who did not answer is left alone for a moment, then one message looks again.

A scanner that hangs takes a thread for as long as patience lasts. Without this it would soon have all of them.
"""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from odcore import clock

Answer = TypeVar("Answer")

REST = 10.0
"""Seconds in which nobody asks one who did not answer."""


class Away(Exception):
    """The scanner does not answer."""


class Scanner:
    """One for a process; any thread."""

    def __init__(self, now: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._away = False
        self._until = 0.0  # it rests
        self._looking = False

    def ask(self, call: Callable[[], Answer]) -> Answer:
        """What `call` gives. Raises Away when it does, and while the scanner rests."""
        self._enter()
        away = True
        try:
            answer = call()
            away = False
        finally:
            self._leave(away=away)
        return answer

    def _enter(self) -> None:
        with self._lock:
            if self._away and (self._looking or self._now() < self._until):
                raise Away("it did not answer a moment ago")
            self._looking = self._away

    def _leave(self, *, away: bool) -> None:
        with self._lock:
            self._away, self._looking = away, False
            self._until = self._now() + REST
