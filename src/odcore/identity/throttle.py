"""Slows down guessing: by account and host together, by account, by host, by neighborhood.

Each failure beyond a few free ones doubles a delay during which further tries are refused unseen. Nothing is locked
for good: delays end within minutes, and what lies back is forgotten by half every ten minutes. A host from which the
account signed in before is not held up by what strangers do to that account.

Each process counts for itself and tells the others of the node, so that many workers give no more free tries than one.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock

import msgspec

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.net.networks import network_of

_HALF_LIFE = 600.0
_MOST = 50_000

_Key = tuple[str, str]


class _Rule(msgspec.Struct, frozen=True):
    """`free` failures cost nothing, then 1, 2, 4 ... `longest` seconds."""

    free: int
    longest: float


_PAIR, _ACCOUNT, _HOST, _NEIGHBORS = _Rule(5, 300.0), _Rule(30, 60.0), _Rule(50, 120.0), _Rule(400, 60.0)
"""Generous to hosts: an office of hundreds may sit behind one address."""


class _Count(msgspec.Struct):
    """What happened under one key."""

    failures: float = 0.0
    touched: float = 0.0
    until: float = 0.0  # refused before this
    familiar: bool = False  # signed in from here before


class Tried(msgspec.Struct, frozen=True, tag="sign-in"):
    """Told to the other processes: a failure, or a success that clears something. Never logged: people mistype."""

    by: str  # the throttle that counted it already
    account: str
    address: str
    right: bool

    def __repr__(self) -> str:
        return f"Tried(by={self.by!r}, address={self.address!r}, right={self.right!r})"


class Throttle:
    """The counts of one process and what others told; at most `most` keys are remembered."""

    def __init__(
        self,
        now: Callable[[], float] = clock.monotonic,
        most: int = _MOST,
        publish: Callable[[Tried], None] = lambda _: None,
    ) -> None:
        self._now = now
        self._most = most
        self._publish = publish
        self._name = ids.token()
        self._lock = Lock()
        self._counts: OrderedDict[_Key, _Count] = OrderedDict()

    def check(self, account: str, address: str) -> None:
        """Fault LIMIT while this account or network has to wait."""
        with self._lock:
            waits = [self._counts[key].until for key, _ in self._rules(account, address) if key in self._counts]
            wait = max(waits, default=0.0) - self._now()
        if wait > 0:
            raise Fault(Kind.LIMIT, f"Too many failed sign-ins, try again in {math.ceil(wait)} seconds.")

    def failed(self, account: str, address: str) -> None:
        """Somebody at `address` guessed wrong."""
        self._count_failure(account, address)
        self._publish(Tried(self._name, account, address, right=False))

    def succeeded(self, account: str, address: str) -> None:
        """Only what the pair did is forgiven: a guesser with an account of his own must not clear his host."""
        if self._forgive(account, address):
            self._publish(Tried(self._name, account, address, right=True))

    def heard(self, tried: Tried) -> None:
        """Count what another process told. Hints may be lost: then this one counts a little less."""
        if tried.by == self._name:
            return
        if tried.right:
            self._forgive(tried.account, tried.address)
        else:
            self._count_failure(tried.account, tried.address)

    def _count_failure(self, account: str, address: str) -> None:
        with self._lock:
            now = self._now()
            for key, rule in self._rules(account, address):
                count = self._count(key)
                count.failures = count.failures * 0.5 ** ((now - count.touched) / _HALF_LIFE) + 1
                count.touched = now
                beyond = count.failures - rule.free
                if beyond > 0:
                    count.until = now + min(rule.longest, 2.0 ** min(beyond - 1, 30))

    def _forgive(self, account: str, address: str) -> bool:
        """Was there anything to forgive, or is the pair new?"""
        with self._lock:
            count = self._count((account, network_of(address, 32, 64)))
            news = not count.familiar or count.failures > 0
            count.failures = count.until = 0.0
            count.familiar = True
        return news

    def _rules(self, account: str, address: str) -> Iterator[tuple[_Key, _Rule]]:
        host = network_of(address, 32, 64)
        yield (account, host), _PAIR
        pair = self._counts.get((account, host))
        if pair is None or not pair.familiar:
            yield (account, ""), _ACCOUNT
        yield ("", host), _HOST
        yield ("", network_of(address, 24, 48)), _NEIGHBORS

    def _count(self, key: _Key) -> _Count:
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _Count(touched=self._now())
            if len(self._counts) > self._most:
                self._counts.popitem(last=False)
        self._counts.move_to_end(key)
        return count
