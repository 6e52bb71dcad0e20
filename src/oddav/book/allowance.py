"""How much of the book one person may take: enough for every search by hand, too little to copy it."""

from collections import OrderedDict
from threading import Lock

from odcore import clock
from odcore.errors import Fault, Kind

_MOST_KNOWN = 100_000


class Allowance:
    """Fills up again with time. One for each process: a person may find another worker's full."""

    def __init__(self, most: float, a_second: float) -> None:
        self._most = most
        self._rate = a_second
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, who: str, amount: float) -> None:
        """Fault LIMIT when there is nothing left; the last may be overdrawn."""
        now = clock.monotonic()
        with self._lock:
            left, at = self._left.pop(who, (self._most, now))
            left = min(self._most, left + max(now - at, 0.0) * self._rate)
            fine = left > 0
            self._left[who] = (left - amount if fine else left, now)
            if len(self._left) > _MOST_KNOWN:
                self._left.popitem(last=False)
        if not fine:
            raise Fault(Kind.LIMIT, "That was a lot of searching in a short time: try again in a minute.")
