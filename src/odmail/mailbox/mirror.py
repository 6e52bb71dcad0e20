"""A mailbox's uids, flags and modseqs in memory, for what is asked of all its messages.

A mirror shows one mailbox at one modseq, with \\Seen as one reader has it, and never changes; a newer one takes its
place. Whoever looks into it compares its modseq with the mailbox's row first, in one transaction, so that it is never
stale, whichever process wrote. What changed meanwhile is read by modseq, which moves on when any reader sees a message.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, literal_column, select

from odcore import haste
from odcore.kept import Kept
from odcore.sql.statement import statement
from odmail.mailbox import placements, schema
from odmail.mailbox.model import Rows
from odmail.mailbox.transaction import Box, Transaction

ROOM = 32 << 20
"""Octets of all mirrors of a process: a million messages."""

FEW = 2000
"""So many messages are read without waiting for another thread, and by an index where there is one."""

_SIZE = 29
"""Octets of one message."""

_SOME = 500
"""After more changes than this all is read again."""

_placement, _expunged = schema.placement, schema.expunged
_IN_BOX = (_placement.c.account == bindparam("account"), _placement.c.mailbox == bindparam("mailbox"))


class _Queries(msgspec.Struct, frozen=True):
    """Rows of placements: all, those of a range, and the next that changed."""

    all: str
    between: str
    changed: str


def _queries(flags: ColumnElement[int]) -> _Queries:
    columns = (_placement.c.uid, flags, _placement.c.keywords, _placement.c.modseq, _placement.c.message)
    rows = select(*columns).where(*_IN_BOX)
    some = rows.where(_placement.c.modseq > bindparam("modseq")).order_by(_placement.c.modseq)
    return _Queries(
        statement(rows.order_by(_placement.c.uid)),
        statement(
            rows.where(_placement.c.uid.between(bindparam("first"), bindparam("last"))).order_by(_placement.c.uid)
        ),
        statement(some.limit(literal_column(str(_SOME + 1)))),
    )


_OWNERS = _queries(_placement.c.flags)
_READERS = _queries(placements.flags_as_read().label("flags"))
_GONE = statement(
    select(_expunged.c.uid)
    .where(
        _expunged.c.account == bindparam("account"),
        _expunged.c.mailbox == bindparam("mailbox"),
        _expunged.c.modseq > bindparam("modseq"),
    )
    .order_by(_expunged.c.modseq)
    .limit(literal_column(str(_SOME + 1)))
)


class Mirror(msgspec.Struct, frozen=True):
    """Columns of placements, ascending by uid."""

    modseq: int  # the mailbox's
    uid: "array[int]"
    flags: bytes  # there are five of them
    keywords: "array[int]"
    modseqs: "array[int]"
    message: "array[int]"

    def between(self, first: int, last: int) -> slice:
        """Where these uids and those between them lie."""
        return slice(bisect_left(self.uid, first), bisect_right(self.uid, last))

    def rows(self, ranges: Sequence[tuple[int, int]]) -> Rows:
        """Those in ascending ranges of uids, as a FETCH of nothing more has them."""
        spans = [self.between(first, last) for first, last in ranges]
        if len(spans) == 1:
            at = spans[0]
            return Rows(self.uid[at], self.flags[at], self.keywords[at], self.modseqs[at], self.message[at])
        uid, flags, keywords, modseqs, message = (
            [value for at in spans for value in column[at]]
            for column in (self.uid, self.flags, self.keywords, self.modseqs, self.message)
        )
        return Rows(uid, flags, keywords, modseqs, message)


class Mirrors:
    """Those of one process, the least recently used forgotten. Reader 0 is the account's owner."""

    def __init__(self, room: int = ROOM) -> None:
        self._kept: Kept[tuple[int, int, int], Mirror] = Kept(room)

    def current(self, tx: Transaction, box: Box, reader: int = 0) -> Mirror | None:
        """The mailbox as it is now, if that costs nothing."""
        known = self._kept.get((tx.account, box.mailbox, reader))
        return known if known is not None and known.modseq == box.highestmodseq else None

    def part(self, tx: Transaction, box: Box, reader: int, first: int, last: int) -> Mirror:
        """These uids as they are now, not kept."""
        key = {**_key(tx, box, reader), "first": first, "last": last}
        return _of_rows(box.highestmodseq, tx.cursor.all(_for(reader).between, key))

    def renewed(self, tx: Transaction, box: Box, reader: int = 0) -> Mirror | None:
        """The mailbox as it is now, if that costs little."""
        known = self._kept.get((tx.account, box.mailbox, reader))
        if known is None or known.modseq == box.highestmodseq:
            return known
        if known.modseq > box.highestmodseq:  # another transaction has seen more
            return None
        _wait(box)
        renewed = _renewed(known, tx, box, reader)
        return self._keep(tx, box, reader, renewed) if renewed else None

    def made(self, tx: Transaction, box: Box, reader: int = 0) -> Mirror:
        """The mailbox as it is now, whatever that costs."""
        known = self.renewed(tx, box, reader)
        if known is not None:
            return known
        _wait(box)
        rows = tx.cursor.all(_for(reader).all, _key(tx, box, reader))
        return self._keep(tx, box, reader, _of_rows(box.highestmodseq, rows))

    def _keep(self, tx: Transaction, box: Box, reader: int, mirror: Mirror) -> Mirror:
        self._kept.put((tx.account, box.mailbox, reader), mirror, _SIZE * len(mirror.uid))
        return mirror


def _wait(box: Box) -> None:
    if box.present > FEW:
        haste.wait()


def _for(reader: int) -> _Queries:
    return _READERS if reader else _OWNERS


def _key(tx: Transaction, box: Box, reader: int) -> dict[str, int]:
    return {"account": tx.account, "mailbox": box.mailbox, "reader": reader}


def _of_rows(modseq: int, rows: list[Any]) -> Mirror:
    return _of(modseq, zip(*rows, strict=True) if rows else ([],) * 5)


def _of(modseq: int, columns: Iterable[Iterable[int]]) -> Mirror:
    uid, flags, keywords, modseqs, message = columns
    return Mirror(modseq, array("I", uid), bytes(flags), array("q", keywords), array("q", modseqs), array("q", message))


def _renewed(old: Mirror, tx: Transaction, box: Box, reader: int) -> Mirror | None:
    """The mirror with what changed since; None when that is much, or not known."""
    if old.modseq < box.forgotten:
        return None
    key = {**_key(tx, box, reader), "modseq": old.modseq}
    changed, gone = tx.cursor.all(_for(reader).changed, key), tx.cursor.all(_GONE, key)
    if len(changed) + len(gone) > _SOME:
        return None
    columns = [old.uid[:], bytearray(old.flags), old.keywords[:], old.modseqs[:], old.message[:]]
    known = old.uid[-1] if old.uid else 0
    for uid, *values in (row for row in changed if row[0] <= known):
        at = bisect_left(old.uid, uid)
        for column, value in zip(columns[1:], values, strict=True):
            column[at] = value
    added = sorted(row for row in changed if row[0] > known)
    for column, more in zip(columns, zip(*added, strict=True), strict=False):
        column.extend(more)
    for at in sorted((bisect_left(old.uid, uid) for (uid,) in gone if uid <= known), reverse=True):
        for column in columns:
            del column[at]
    return _of(box.highestmodseq, columns) if len(columns[0]) == box.present else None
