"""Notices changes that any tool made in the directory: a poll every two seconds, one small read when nothing happened.

OpenLDAP stamps each entry it writes with an entryCSN and the tree with the newest one, contextCSN. When that moved,
entries with a later stamp are asked for. What the stamps do not explain was a deletion: then the ids are compared.
So they are a while after any change, since a write may follow a deletion within one poll.
Charges and contracts that begin or end by themselves are reported at their instant, too.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog

from odcore import clock
from odcore.directory.connection import Link
from odcore.directory.filters import EVERYTHING, Filter, at_least, at_most, every, some
from odcore.directory.record import Record, format_instant, parse_instant
from odcore.errors import Fault
from odcore.ids import AccountId

log = structlog.get_logger()

Changed = Callable[[frozenset[AccountId]], None]

_PERIOD = 2.0
_OVERLAP = timedelta(seconds=30)
"""How far behind the newest stamp another provider's may arrive."""

_WANTED = ("entryUUID", "entryCSN", "odmailOwner", "odmailOpens")
_COMPARE_AFTER = 30.0
"""Seconds after a change until the ids are compared anyway; longer where comparing takes long."""

_SHARE = 100.0
"""Comparing may take one part in so many of the time."""


class Watch:
    """One thread that calls `changed` with the ids of what changed since it began."""

    def __init__(self, link: Link, changed: Changed, period: float = _PERIOD) -> None:
        self._link = link
        self._changed = changed
        self._period = period
        self._stop = Event()
        self._thread = Thread(target=self._run, name="directory-watch", daemon=True)
        self._context: tuple[str, ...] | None = None  # None: nothing seen yet
        self._newest = ""
        self._recent: dict[str, str] = {}  # id to stamp, within the overlap
        self._known: dict[str, tuple[str, ...]] = {}  # id to the ids it concerns
        self._until = clock.now()
        self._compare_at = math.inf
        self._compare_after = _COMPARE_AFTER

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End it; returns when the thread is done."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def poll(self) -> None:
        """Look once, and report. Fault TRY_LATER when the directory is away: nothing is lost, the next one sees it."""
        changed = self._by_time() | self._by_stamp()
        if changed:
            log.info("directory_changed", entries=len(changed))
            self._changed(frozenset(AccountId(each) for each in changed))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.poll()
            except Fault as fault:
                log.debug("directory_watch_waits", reason=fault.text)
            except Exception:
                log.exception("directory_watch_failed")
            self._stop.wait(self._period)

    def _by_stamp(self) -> set[str]:
        root = self._link.read(self._link.base, ("contextCSN",))
        context = tuple(sorted(root.texts("contextCSN"))) if root else ()
        if self._context is None:
            self._known = self._everything()
            self._context = context
            return set()
        changed: set[str] = set()
        if not context or context != self._context:
            changed = self._stamped()
            unexplained = context and self._newest < max(context)  # after a deletion it is no entry's stamp
            wait = 0.0 if unexplained else self._compare_after
            self._compare_at = min(self._compare_at, clock.monotonic() + wait)
        if clock.monotonic() >= self._compare_at:
            changed |= self._deleted()
        self._context = context
        return changed

    def _stamped(self) -> set[str]:
        """Entries written since the newest stamp seen, those of the overlap once."""
        changed: set[str] = set()
        for record in self._link.search(self._link.base, at_least("entryCSN", earlier(self._newest)), _WANTED):
            stamp = record.text("entryCSN")
            if self._recent.get(record.id) != stamp:
                self._known[record.id] = _concerns(record)
                changed |= {record.id, *self._known[record.id]}
            self._recent[record.id] = stamp
            self._newest = max(self._newest, stamp)
        limit = earlier(self._newest)
        self._recent = {each: stamp for each, stamp in self._recent.items() if stamp >= limit}
        return changed

    def _deleted(self) -> set[str]:
        begun = clock.monotonic()
        now = self._everything()
        self._compare_after = max(_COMPARE_AFTER, (clock.monotonic() - begun) * _SHARE)
        self._compare_at = math.inf
        gone = self._known.keys() - now.keys()
        concerned = gone.union(*(self._known[each] for each in gone))
        self._known = now
        return set(concerned)

    def _everything(self) -> dict[str, tuple[str, ...]]:
        known = {}
        for record in self._link.search(self._link.base, EVERYTHING, _WANTED):
            known[record.id] = _concerns(record)
            stamp = record.text("entryCSN")
            if self._context is None:
                self._recent[record.id] = stamp
                self._newest = max(self._newest, stamp)
        return known

    def _by_time(self) -> set[str]:
        """Entries whose charge or contract began or ended since the last look."""
        since, now = self._until, clock.now()
        found = self._link.search(self._link.base, _edges(since, now), (*_WANTED, "odmailBoundary", "odmailExpires"))
        self._until = now
        return {each for record in found if _has_edge(record, since, now) for each in (record.id, *_concerns(record))}


def _concerns(record: Record) -> tuple[str, ...]:
    """A device password's change concerns its owner and the account it opens."""
    return record.texts("odmailOwner") + record.texts("odmailOpens")


def _edges(since: datetime, now: datetime) -> Filter:
    low, high = format_instant(since), format_instant(now)
    return some(
        *(every(at_least(name, low), at_most(name, high)) for name in ("odmailBoundary", "odmailExpires")),
    )


def _has_edge(record: Record, since: datetime, now: datetime) -> bool:
    """The filter holds too when one value is early enough and another late enough."""
    instants = map(parse_instant, record.texts("odmailBoundary") + record.texts("odmailExpires"))
    return any(instant and since < instant <= now for instant in instants)


def earlier(stamp: str) -> str:
    """A stamp that lies the overlap before `stamp`."""
    instant = parse_instant(stamp) or datetime(1970, 1, 1, tzinfo=clock.now().tzinfo)
    return format_instant(instant - _OVERLAP)[:-1] + ".000000Z#000000#000#000000"
