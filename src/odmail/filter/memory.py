"""The memory of one node: greylisting, words, names. SQLite; any process reads and writes."""

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec

from odcore import clock
from odcore.ids import AccountId, account_number
from odcore.sql.database import Cursor, Database
from odmail.filter.ops import features, greylist
from odmail.filter.schema import SCHEMA

Found = TypeVar("Found")

_HOLDS = 30.0
"""Seconds for which the size of a corpus is believed: most have learned nothing, and need no look."""

SITE = 0


class Counts(msgspec.Struct, frozen=True):
    """Messages learned from, and in how many of them each of the words and names asked for stood."""

    wanted: int
    unwanted: int
    features: dict[int, tuple[int, int]]


class Memory:
    """All of it, below one folder."""

    def __init__(self, folder: Path, now: Callable[[], int] = clock.timestamp) -> None:
        self.database = Database(folder / "filter.sqlite", SCHEMA)
        self._now = now
        self._sizes: dict[int, tuple[float, tuple[int, int]]] = {}

    def wait(self, network: str, sender: str, recipients: tuple[str, ...]) -> int:
        """Seconds a first attempt has to wait, 0 when it may pass. What need not be written is not."""
        instant = self._now()
        hashes = [_hash(network, sender.lower(), each.lower()) for each in recipients]
        with self.database.read() as cursor:
            if greylist.is_known(cursor, network) or greylist.is_settled(cursor, hashes, instant):
                return 0
        return self.database.submit(partial(greylist.attempted, network=network, hashes=hashes, instant=instant))

    def has_learned(self, account: AccountId | None, least: int) -> bool:
        """Has a scope (None: the site) learned from so many messages of either kind?"""
        return min(self.size(account)) >= least

    def counts(self, account: AccountId | None, hashes: Iterable[int]) -> Counts:
        """What a scope knows of these."""
        scope = scope_of(account)
        with self.database.read() as cursor:
            return Counts(*features.size(cursor, scope), features.known(cursor, scope, hashes))

    def size(self, account: AccountId | None) -> tuple[int, int]:
        """Wanted and unwanted messages a scope has learned from, mostly from memory."""
        scope = scope_of(account)
        looked, size = self._sizes.get(scope, (float("-inf"), (0, 0)))
        if clock.monotonic() - looked > _HOLDS:
            with self.database.read() as cursor:
                size = features.size(cursor, scope)
            if len(self._sizes) > 100_000:
                self._sizes.clear()
            self._sizes[scope] = (clock.monotonic(), size)
        return size

    def read(self, look: Callable[[Cursor], Found]) -> Found:
        """One look at the database."""
        with self.database.read() as cursor:
            return look(cursor)

    def write(self, work: Callable[[Cursor], Found]) -> Found:
        """One transaction."""
        return self.database.submit(work)

    def forget(self) -> None:
        """What greylisting need not know any more; a daily duty."""
        self.database.submit(lambda cursor: greylist.forget(cursor, self._now()))

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()


def scope_of(account: AccountId | None) -> int:
    """An account's key; None is the site."""
    return SITE if account is None else account_number(account)


def _hash(*words: str) -> int:
    return int.from_bytes(blake2b("\0".join(words).encode("utf-8", "replace"), digest_size=7).digest(), "big")
