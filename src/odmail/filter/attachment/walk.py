"""One attachment, looked at from its name to the innermost file, within a budget."""

from collections.abc import Callable, Iterator

import msgspec

from odmail.filter.attachment import compressed, kinds, pkzip, rar, sevenzip, tar, tnef
from odmail.filter.attachment.budget import MOST_DEPTH, Bomb, Budget, Damaged
from odmail.filter.attachment.entry import Entry

START = 33_000
"""Octets that tell what a file is (a disk image says so behind 32 KiB)."""

_MACRO_NAMES = ("vbaproject.bin", "xl/macrosheets/", "basic/script-lc.xml")
_PACKED = (*pkzip.MAGIC, *rar.MAGIC, *sevenzip.MAGIC, *tnef.MAGIC, *compressed.MAGIC)


class Found(msgspec.Struct, frozen=True):
    """A kind, and where: `outer.zip/inner.exe`."""

    kind: str
    name: str


def walk(name: str, start: bytes, read: Callable[[], bytes], budget: Budget, depth: int = 0) -> Iterator[Found]:
    """`start` are the first octets, `read` gives all; it is called only for what can hold more."""
    yield from (Found(kind, name) for kind in kinds.by_name(name))
    yield from (Found(kind, name) for kind in kinds.by_octets(start))
    if start.startswith(kinds.OLE):
        if kinds.has_macros(read()):
            yield Found(kinds.MACRO, name)
    elif start.startswith(_PACKED) or tar.is_one(start):
        if depth >= MOST_DEPTH:
            yield Found(kinds.BOMB, name)
            return
        try:
            yield from _inside(name, read(), budget, depth + 1)
        except Bomb:
            yield Found(kinds.BOMB, name)
        except Damaged:
            return  # nobody else can open it either


def _inside(name: str, octets: bytes, budget: Budget, depth: int) -> Iterator[Found]:
    if octets.startswith(compressed.MAGIC):
        unpacked = compressed.unpack(octets, budget)
        inner = name.rpartition("/")[2].rpartition(".")[0] or "file"
        yield from walk(f"{name}/{inner}", unpacked[:START], lambda: unpacked, budget, depth)
        return
    for entry in _entries(octets, budget):
        yield from _entry(name, entry, budget, depth)


def _entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    if octets.startswith(pkzip.MAGIC):
        return pkzip.entries(octets, budget)
    if octets.startswith(rar.MAGIC):
        return rar.entries(octets, budget)
    if octets.startswith(sevenzip.MAGIC):
        return sevenzip.entries(octets, budget)
    if octets.startswith(tnef.MAGIC):
        return tnef.entries(octets, budget)
    return tar.entries(octets, budget)


def _entry(outer: str, entry: Entry, budget: Budget, depth: int) -> Iterator[Found]:
    path = f"{outer}/{entry.name}"[:500]
    if entry.encrypted:
        yield Found(kinds.ENCRYPTED, path)
    if any(each in entry.name.lower() for each in _MACRO_NAMES):
        yield Found(kinds.MACRO, path)
    if entry.read is None:
        yield from (Found(kind, path) for kind in kinds.by_name(entry.name))
        return
    read = entry.read
    try:
        yield from walk(path, read(START), lambda: read(-1), budget, depth)
    except Damaged:
        yield from (Found(kind, path) for kind in kinds.by_name(entry.name))
