"""Whom to leave alone, and to whom to speak in fewer conversations: what destinations told us at their doors.

Theory. A destination that turns us away (no connection, a greeting of 421, a MAIL answered with 421) while others of
our conversations are served has too many of them: their number is halved, and comes back with time. As nobody knows
yet whether it is that, or the end, one scout goes next (`odmail.delivery.lanes`). Where the scout is turned away, too,
or nobody has answered lately, the destination rests: its mail waits without a connection, without holding up anybody
else's, and then another scout looks, after longer and longer rests. Whoever is served ends the rest.

Finding out that nobody is there takes as long as patience for a connection lasts, and a conversation meanwhile.
"""

from collections.abc import Callable, Sequence
from threading import Lock

import msgspec

from odcore import clock
from odmail.delivery.ports import Outcome
from odmail.queue.model import Destination, State

PAUSE = 60.0
"""The first rest: shorter than any message waits for its next attempt. Each further one is twice as long."""

_LONGEST = 300.0
"""No rest is longer: who is back gets mail soon."""

_WIDENS = 300.0
"""Seconds in which conversations come back from none to as many as may be."""

_HOUR = 3600.0
"""Who has answered is believed to be there for so long."""

_MOST = 10_000  # destinations remembered


class _Trouble(msgspec.Struct):
    """What a destination did that turned us away."""

    outcome: Outcome  # the last time
    width: float  # conversations at one time, at `since`
    since: float = 0.0
    until: float = 0.0  # it rests
    pause: float = PAUSE  # the next rest


class Breaker:
    """One for a process; any thread."""

    def __init__(self, each: int, now: Callable[[], float] = clock.monotonic) -> None:
        """`each`: conversations with a destination at one time, when all is well."""
        self.now = now
        self._each = each
        self._lock = Lock()
        self._troubles: dict[str, _Trouble] = {}
        self._known: dict[str, float] = {}  # who has answered, until when that is believed
        self._changed: set[str] = set()

    def away(self, destination: str) -> Outcome | None:
        """What became of the last attempt, if none is worth while now."""
        with self._lock:
            trouble = self._troubles.get(destination)
            return trouble.outcome if trouble and self.now() < trouble.until else None

    def width(self, destination: str) -> int:
        """How many conversations it may have; 0 where nobody has answered lately, so that a scout must look."""
        with self._lock:
            instant = self.now()
            if instant >= self._known.get(destination, 0.0):
                return 0
            trouble = self._troubles.get(destination)
            return int(self._width(trouble, instant)) if trouble else self._each

    def is_new(self, destination: str) -> bool:
        """Nothing is remembered of it, good or bad."""
        with self._lock:
            return destination not in self._known and destination not in self._troubles

    def note(self, destination: str, outcomes: Sequence[Outcome], began: float) -> None:
        """What came of an attempt that began at `began`."""
        with self._lock:
            self._forget()
            if all(each.turned_away for each in outcomes):
                self._turned_away(destination, outcomes[0], began)
            else:
                self._served(destination)

    def changes(self) -> list[Destination]:
        """How those stand that changed since this was asked last."""
        with self._lock:
            names, self._changed = self._changed, set()
            return [self._standing(name) for name in names]

    def _turned_away(self, destination: str, outcome: Outcome, began: float) -> None:
        instant = self.now()
        trouble = self._troubles.setdefault(destination, _Trouble(outcome, self._each))
        if began < trouble.since:
            return  # it knocked when the answer to another was not here yet: that one said it all
        width = self._width(trouble, instant)
        if instant < self._known.pop(destination, 0.0):
            width = max(1.0, width / 2)
        else:
            trouble.until = instant + trouble.pause
            trouble.pause = min(2 * trouble.pause, _LONGEST)
        trouble.outcome, trouble.width, trouble.since = outcome, width, instant
        self._changed.add(destination)

    def _served(self, destination: str) -> None:
        instant = self.now()
        self._known[destination] = instant + _HOUR
        trouble = self._troubles.get(destination)
        if trouble is None:
            return
        if trouble.until:
            trouble.until, trouble.pause = 0.0, PAUSE
            self._changed.add(destination)
        if self._width(trouble, instant) >= self._each:
            del self._troubles[destination]
            self._changed.add(destination)

    def _width(self, trouble: _Trouble, instant: float) -> float:
        return min(self._each, trouble.width + self._each * (instant - trouble.since) / _WIDENS)

    def _standing(self, destination: str) -> Destination:
        trouble = self._troubles.get(destination)
        if trouble is None:
            return Destination(destination, State.OPEN)
        ahead = clock.timestamp() - self.now()
        if trouble.until:
            return Destination(destination, State.RESTING, 0, round(trouble.until + ahead), trouble.outcome.reply)
        until = trouble.since + _WIDENS * (1 - trouble.width / self._each)
        return Destination(destination, State.NARROWED, int(trouble.width), round(until + ahead), trouble.outcome.reply)

    def _forget(self) -> None:
        instant = self.now()
        if len(self._troubles) >= _MOST:
            gone = [name for name, each in self._troubles.items() if instant >= max(each.until, each.since + _WIDENS)]
            for name in gone:
                del self._troubles[name]
            self._changed.update(gone)
        if len(self._known) >= _MOST:
            self._known = {name: until for name, until in self._known.items() if instant < until}
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
