"""Connections to other people's servers that may carry another message, kept for a moment."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Connection = TypeVar("Connection", bound=Hashable)

_MOST = 100
"""In all: peers have better use for connections that nobody needs."""


class Idle(Generic[Connection]):
    """By what they are good for; on the reactor."""

    def __init__(self) -> None:
        self._by_key: dict[object, list[Connection]] = {}
        self._all: dict[Connection, None] = {}  # the one that has waited longest first

    def add(self, key: object, connection: Connection) -> Connection | None:
        """Another one; who has to leave for it."""
        self._by_key.setdefault(key, []).append(connection)
        self._all[connection] = None
        return next(iter(self._all)) if len(self._all) > _MOST else None

    def take(self, key: object) -> Connection | None:
        """The one that was used last: it is the likeliest to live."""
        kept = self._by_key.get(key)
        if not kept:
            return None
        connection = kept[-1]
        self.drop(key, connection)
        return connection

    def drop(self, key: object, connection: Connection) -> None:
        """It was taken, nobody wanted it again, or it broke."""
        if connection not in self._all:
            return
        del self._all[connection]
        self._by_key[key].remove(connection)
        if not self._by_key[key]:
            del self._by_key[key]
