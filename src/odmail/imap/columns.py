"""What SORT compares, kept from one command to the next.  RFC 5256 3

What a message is sorted by never changes, so a column is only ever added to: by messages that came since, or that
nobody asked for before.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

import msgspec

from odmail.imap.ports import Keep
from odmail.imap.reading import Reading
from odmail.mailbox.model import Need, Rows

_SLACK = 1000
"""So many messages that are gone may stand in a column, beside as many as there are."""


class Criterion(msgspec.Struct, frozen=True):
    """One sort criterion: its name, what it needs, and the value of each row."""

    name: bytes
    need: Need
    read: Callable[[Rows], Iterable[Any]]


class Column(msgspec.Struct, frozen=True):
    """The values of one criterion: messages ascending by uid, and the same in the order of their values."""

    uids: "array[int]" = msgspec.field(default_factory=lambda: array("I"))
    values: list[Any] = []
    order: "array[int]" = msgspec.field(default_factory=lambda: array("I"))

    def is_large_for(self, uids: "array[int]") -> bool:
        """Are they a small part of it?"""
        return len(uids) * 8 < len(self.uids)

    def lacks(self, uids: "array[int]") -> "array[int]":
        """Those of `uids` (ascending, as everywhere) that are not in it."""
        if uids[: len(self.uids)] == self.uids:
            return uids[len(self.uids) :]
        known = self.keys(uids)
        return array("I", (uid for uid in uids if uid not in known))

    def keys(self, uids: "array[int]") -> Mapping[int, Any]:
        """The value of each of these that is in the column, and perhaps of others."""
        if not self.is_large_for(uids):
            return dict(zip(self.uids, self.values, strict=True))
        places = ((uid, bisect_left(self.uids, uid)) for uid in uids)
        return {uid: self.values[at] for uid, at in places if at < len(self.uids) and self.uids[at] == uid}

    def among(self, uids: "array[int]") -> "array[int]":
        """Those of `uids` that are in it: all, but for messages that went while it was read."""
        return uids if uids == self.uids else array("I", filter(self.keys(uids).__contains__, uids))

    def sorted(self, uids: "array[int]") -> list[int]:
        """These, all in the column, in order; where values are equal, ascending."""
        if uids == self.uids:
            return list(self.order)
        if self.is_large_for(uids):
            return sorted(uids, key=self.keys(uids).__getitem__)
        return list(filter(set(uids).__contains__, self.order))

    def joined(self, more: Mapping[int, Any]) -> "Column":
        """With more messages."""
        same: dict[Any, Any] = {}
        both = chain(zip(self.uids, self.values, strict=True), more.items())
        newer = not self.uids or min(more, default=0) > self.uids[-1]
        keys = {uid: same.setdefault(value, value) for uid, value in (both if newer else sorted(both))}
        order = sorted([*self.order, *more] if newer else keys, key=keys.__getitem__)
        return Column(array("I", keys), list(keys.values()), array("I", order))

    @property
    def octets(self) -> int:
        """In memory."""
        return 16 * len(self.uids) + sum(map(sys.getsizeof, set(self.values)))


def column(keep: Keep, reading: Reading, criterion: Criterion, uids: "array[int]") -> Column:
    """One that has at least these messages. Blocks."""
    key = ("column", reading.account.id, reading.mailbox, criterion.name)
    known: Column = keep.get(key) or Column()
    missing = known.lacks(uids)
    if not missing:
        return known
    if known.is_large_for(uids):  # all of it would cost more than these few
        return Column().joined({**known.keys(uids), **_read(reading, criterion, missing)})
    if len(known.uids) + len(missing) > 2 * reading.exists + _SLACK:
        known, missing = Column(), uids
    renewed = known.joined(_read(reading, criterion, missing))
    keep.put(key, renewed, renewed.octets)
    return renewed


def _read(reading: Reading, criterion: Criterion, uids: "array[int]") -> dict[int, Any]:
    found: dict[int, Any] = {}
    for rows in reading.rows(uids, criterion.need):
        found.update(zip(rows.uid, criterion.read(rows), strict=True))
    return found
