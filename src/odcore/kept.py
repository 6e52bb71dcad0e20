"""What could be made again, kept in memory as long as there is room: the least recently used goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_ENTRY = 500
"""Octets that an entry takes whatever is in it."""


class Kept(Generic[K, V]):
    """Values that nobody changes, by key. Safe to share between threads."""

    def __init__(self, room: int) -> None:
        """`room`: octets."""
        self._room = room
        self._used = 0
        self._lock = Lock()
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """What is kept under the key."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: K, value: V, octets: int) -> None:
        """Keep the value instead of the one before, unless it is too large to keep anything beside it."""
        weight = octets + _ENTRY
        with self._lock:
            self._forget(key)
            if weight > self._room // 2:
                return
            self._entries[key] = (value, weight)
            self._used += weight
            while self._used > self._room:
                self._forget(next(iter(self._entries)))

    def _forget(self, key: K) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._used -= entry[1]
