"""Keeps the book in step with the directory: hints name what changed, stamps tell what no hint told.

A hint may be lost, so entries with a newer stamp (entryCSN) are asked for every while as well; and now and then all ids
are compared, which finds deletions that happened while nobody listened.
"""

from collections.abc import Callable, Iterable
from threading import Event, Lock

import structlog

from odcore import clock
from odcore.directory.listing import Listing, Listings
from odcore.directory.watch import earlier
from odcore.errors import Fault
from oddav.book.index import STAMP, WHOLE, Index

log = structlog.get_logger()

_PERIOD = 30.0
"""Seconds between looks for newer stamps."""

_COMPARE = 6 * 3600.0
"""Seconds between comparisons of all ids."""


class Follower:
    """One thread of a process. Where a node has several, `turn` says whether it is the one that follows."""

    def __init__(self, index: Index, listings: Listings, turn: Callable[[], bool] = lambda: True) -> None:
        self._index = index
        self._listings = listings
        self._turn = turn
        self._lock = Lock()
        self._hinted: set[str] = set()
        self._wake = Event()
        self._stopping = False
        self._catch_up_at = self._compare_at = 0.0
        self._context: tuple[str, ...] = ()

    def note(self, ids: Iterable[str]) -> None:
        """These changed. From any thread."""
        with self._lock:
            self._hinted.update(ids)
        self._wake.set()

    def stop(self) -> None:
        """Return from `run` soon."""
        self._stopping = True
        self._wake.set()

    def run(self) -> None:
        """Until stopped."""
        while not self._stopping:
            try:
                if self._turn():
                    self.step()
                else:
                    self._take()  # stamps tell it once more to whoever is next
            except Fault as fault:
                log.info("book_waits", reason=fault.text)
            except Exception:
                log.exception("book_failed")
            self._wake.wait(_PERIOD)
            self._wake.clear()

    def step(self) -> None:
        """Look once. Fault TRY_LATER when the directory is away: what was hinted is looked up at the next step."""
        if not self._index.state(WHOLE):
            self._make()
        hinted = self._take()
        try:
            self._look_up(hinted)
            if not hinted or clock.monotonic() >= self._catch_up_at:
                self._catch_up()
                self._catch_up_at = clock.monotonic() + _PERIOD
        except BaseException:
            with self._lock:
                self._hinted |= hinted
            raise
        if clock.monotonic() >= self._compare_at:
            self._compare()
            self._compare_at = clock.monotonic() + _COMPARE

    def _take(self) -> set[str]:
        with self._lock:
            hinted, self._hinted = self._hinted, set()
        return hinted

    def _make(self) -> None:
        begun = clock.monotonic()
        newest, count = "", 0
        for page in filter(None, self._listings.all()):
            if self._stopping:
                return
            self._index.put(page)
            newest, count = _newest(page, newest), count + len(page)
        self._index.set_state(STAMP, newest)
        self._index.set_state(WHOLE, "yes")
        log.info("book_made", entries=count, seconds=round(clock.monotonic() - begun, 1))

    def _look_up(self, ids: set[str]) -> None:
        if not ids:
            return
        found = [each for page in self._listings.named(ids) for each in page]
        self._index.put(found)
        self._index.remove(ids - {each.id for each in found})

    def _catch_up(self) -> None:
        """When anything changed at all. The overlap is read again: few entries, but for what came by thousands."""
        context = self._listings.context()
        if context and context == self._context:
            return
        newest = before = self._index.state(STAMP)
        for page in filter(None, self._listings.since(earlier(before))):
            self._index.put(page)
            newest = _newest(page, newest)
        if newest != before:
            self._index.set_state(STAMP, newest)
        self._context = context

    def _compare(self) -> None:
        there, here = self._listings.ids(), self._index.ids()
        self._look_up((there - here) | (here - there))


def _newest(page: Iterable[Listing], before: str) -> str:
    return max(before, *(each.stamp for each in page))
