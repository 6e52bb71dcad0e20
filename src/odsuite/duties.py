"""What the suite does each minute without being asked, in a thread of the queue worker: a suite has exactly one."""

from collections.abc import Callable
from threading import Event

import structlog

from odsuite.build import Parts
from odsuite.web import house_of
from odweb.project.application import prepare

log = structlog.get_logger()

_EVERY = 60.0  # seconds


class Duties:
    """The first round at once: what fell due while nothing ran."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ended = Event()

    def run(self) -> None:
        """Until stopped; a round that fails is logged, and the next one comes."""
        turn: Callable[[], None] | None = None
        while not self._ended.is_set():
            try:
                turn = turn or self._prepared()
                turn()
            except Exception:
                log.exception("bug")
            self._ended.wait(_EVERY)

    def stop(self) -> None:
        """From any thread; a round that is under way is ended."""
        self._ended.set()

    def _prepared(self) -> Callable[[], None]:
        house = house_of(self._parts)
        prepare(house)
        from odweb.project.chores import turn  # what is imported here wants to be configured first

        return lambda: turn(house)
