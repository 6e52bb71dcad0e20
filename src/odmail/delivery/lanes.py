"""Who talks to whom at one time: the fast lane for destinations that answer, another one for finding out which do.

To find out that nobody is there takes as long as patience for a connection lasts. Therefore a destination that nobody
has answered for lately is first visited by one scout, and what else there is for it waits until the scout is back;
scouts are many and mostly wait. Destinations that answer have threads of their own, which no dead one can take.

A thread stays with a destination for a moment, so that one connection carries several messages.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import Generic, TypeVar

from odcore import clock

Job = TypeVar("Job")

SCOUTS = 500
"""Destinations visited at one time to see whether anybody is there; threads begin when they are needed."""

_TURN = 0.5
"""Seconds after which a thread turns to the destination that has waited longest."""

_MOST = {True: 4000, False: 5000}
"""Jobs in this process: for those who answer, and for all others. More stay in the queue."""

_LEAST = 10
"""Jobs of one destination admitted together: they share a connection."""

_MOST_EACH = 500
"""Of these, for one of the others."""


class _Line(Generic[Job]):
    """What waits for one destination."""

    __slots__ = ("busy", "waiting", "width")

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.busy = 0
        self.width = 0  # conversations it may have; 0: a scout must look

    @property
    def known(self) -> bool:
        """Has somebody answered lately?"""
        return self.width > 0


class Lanes(Generic[Job]):
    """Threads; `enter` from any."""

    def __init__(self, at_once: int, work: Callable[[str, Job], None], width: Callable[[str], int]) -> None:
        """`work` does one job and never fails; `width`: how many conversations a destination may have now, 0 where
        nobody has answered lately.
        """
        self._work = work
        self._width = width
        self._changed = Condition()
        self._lines: dict[str, _Line[Job]] = {}
        self._waiting = {True: 0, False: 0}
        self._pools = {
            True: ThreadPoolExecutor(at_once, thread_name_prefix="remote"),
            False: ThreadPoolExecutor(SCOUTS, thread_name_prefix="scout"),
        }

    def enter(self, destination: str, job: Job) -> bool:
        """Returns at once; False when there is no room."""
        with self._changed:
            line = self._lines.get(destination) or _Line[Job]()
            self._look(destination, line)
            if self._waiting[line.known] >= _MOST[line.known]:
                return False
            if not line.known and len(line.waiting) >= _MOST_EACH:
                return False
            self._lines[destination] = line
            line.waiting.append(job)
            self._waiting[line.known] += 1
            self._staff(destination, line)
        return True

    def admit(self, wanted: Mapping[str, int], most: int) -> dict[str, int]:
        """How many of the jobs that each destination has could enter now, at most so many in all.

        Who comes first gets no more than a share, or some, if there are many.
        """
        found = {}
        with self._changed:
            room = {known: bound - self._waiting[known] for known, bound in _MOST.items()}
            share = max(_LEAST, most // max(1, len(wanted)))
            for destination, count in wanted.items():
                if most <= 0 or (room[True] <= 0 and room[False] <= 0):
                    break
                known = self._width(destination) > 0
                line = self._lines.get(destination)
                left = room[known] if known else min(room[known], _MOST_EACH - (len(line.waiting) if line else 0))
                if (may := min(count, left, share, most)) > 0:
                    found[destination] = may
                    room[known] -= may
                    most -= may
        return found

    def drain(self) -> None:
        """Wait until everything entered so far has been tried."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lines)

    def close(self) -> None:
        """Wait for jobs under way; what waits is given up."""
        with self._changed:
            for line in self._lines.values():
                line.waiting.clear()
        self.drain()
        for pool in self._pools.values():
            pool.shutdown()

    def _look(self, destination: str, line: _Line[Job]) -> None:
        """Is it known now? What waits changes lanes with it."""
        self._waiting[line.known] -= len(line.waiting)
        line.width = self._width(destination)
        self._waiting[line.known] += len(line.waiting)

    def _staff(self, destination: str, line: _Line[Job]) -> None:
        """As many at work as may and have work; a scout goes alone."""
        most = min(line.width or 1, line.busy + len(line.waiting))
        while line.busy < most:
            line.busy += 1
            self._pools[line.known].submit(self._run, destination, line, line.known)

    def _run(self, destination: str, line: _Line[Job], known: bool) -> None:
        """Jobs for a moment, as long as they belong here; what is left queues up behind other destinations."""
        end = clock.monotonic() + _TURN
        while (job := self._next(line, known)) is not None:
            self._work(destination, job)
            with self._changed:
                self._look(destination, line)
            if clock.monotonic() >= end:
                break
        with self._changed:
            line.busy -= 1
            self._staff(destination, line)
            if not line.busy:
                del self._lines[destination]
                self._changed.notify_all()

    def _next(self, line: _Line[Job], known: bool) -> Job | None:
        with self._changed:
            if line.known is not known or line.busy > max(1, line.width) or not line.waiting:
                return None
            self._waiting[known] -= 1
            return line.waiting.popleft()
