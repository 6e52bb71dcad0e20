"""Successful sign-ins of the last minutes, as digests with a key that only this process has."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from odcore import clock, ids
from odcore.identity.threshold import Ground
from odcore.ids import AccountId

_MOST = 100_000


class Remembered:
    """What was right a moment ago needs no second hash; what concerns a changed entry is dropped at once."""

    def __init__(self, life: float, now: Callable[[], float] = clock.monotonic) -> None:
        self._life = life
        self._now = now
        self._salt = ids.token(32).encode()
        self._lock = Lock()
        self._known: OrderedDict[bytes, tuple[float, Ground]] = OrderedDict()
        self.generation = 0

    def key(self, login: str, service: str, password: bytes) -> bytes:
        """The digest that stands for this login with this password."""
        digest = hashlib.blake2b(key=self._salt, digest_size=32)
        for part in (login.encode("utf-8", "replace"), service.encode(), password):
            digest.update(len(part).to_bytes(4, "big") + part)
        return digest.digest()

    def get(self, key: bytes) -> Ground | None:
        """Who signed in like this, when not too long ago."""
        with self._lock:
            until, known = self._known.get(key, (0.0, None))
            return known if self._now() < until else None

    def keep(self, key: bytes, known: Ground, generation: int) -> None:
        """Remember, unless something changed since `generation` was read."""
        with self._lock:
            if generation == self.generation:
                self._known[key] = (self._now() + self._life, known)
                self._known.move_to_end(key)
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)

    def drop(self, changed: frozenset[AccountId]) -> None:
        """Forget the sign-ins of these people and into these accounts."""
        with self._lock:
            self.generation += 1
            for key in [
                key for key, (_, known) in self._known.items() if not changed.isdisjoint((known.person, known.account))
            ]:
                del self._known[key]
