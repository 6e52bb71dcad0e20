"""How many recipients a person writes to in an hour. Beyond the limit mail is held: a stolen password sends no flood.

Each process counts for itself and tells the others of the node. What is beyond is accepted and kept in the queue; an
administrator hears of it once an hour and lets it go (`odmail queue release`) or not. Nothing is lost, nothing bounces.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

import msgspec

from odcore import clock, ids
from odcore.ids import AccountId

_HOUR = 3600.0
_MOST = 20_000  # people remembered


class Sent(msgspec.Struct, frozen=True, tag="sent"):
    """Told to the other processes."""

    by: str
    person: AccountId
    recipients: int
    alarmed: bool


class _Count(msgspec.Struct):
    """One person's last hour: when and how many, and when the alarm went."""

    sent: deque[tuple[float, int]]
    total: int = 0
    alarmed: float = float("-inf")


class Pace:
    """`count` before a message goes into the queue."""

    def __init__(
        self,
        limit: int,
        publish: Callable[[Sent], None] = lambda _: None,
        now: Callable[[], float] = clock.monotonic,
    ) -> None:
        """`limit` 0: none."""
        self._limit = limit
        self._publish = publish
        self._now = now
        self._name = ids.token()
        self._lock = Lock()
        self._counts: OrderedDict[AccountId, _Count] = OrderedDict()

    @property
    def limit(self) -> int:
        """Recipients an hour."""
        return self._limit

    def count(self, person: AccountId, recipients: int) -> tuple[bool, bool]:
        """Is it too much, and is it the first time within the hour that somebody must be told?"""
        if not self._limit:
            return False, False
        with self._lock:
            count = self._add(person, recipients)
            over = count.total > self._limit
            alarm = over and self._now() - count.alarmed >= _HOUR
            if alarm:
                count.alarmed = self._now()
        self._publish(Sent(self._name, person, recipients, alarm))
        return over, alarm

    def heard(self, sent: Sent) -> None:
        """What another process counted. Hints may be lost: then this one counts a little less."""
        if sent.by == self._name or not self._limit:
            return
        with self._lock:
            count = self._add(sent.person, sent.recipients)
            if sent.alarmed:
                count.alarmed = self._now()

    def _add(self, person: AccountId, recipients: int) -> _Count:
        now = self._now()
        count = self._counts.setdefault(person, _Count(deque()))
        self._counts.move_to_end(person)
        if len(self._counts) > _MOST:
            self._counts.popitem(last=False)
        while count.sent and count.sent[0][0] <= now - _HOUR:
            count.total -= count.sent.popleft()[1]
        count.sent.append((now, recipients))
        count.total += recipients
        return count
