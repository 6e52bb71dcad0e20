"""A mailbox's uids, flags and modseqs in memory, for what is asked of all its messages.

A mirror shows one mailbox at one modseq and never changes; a newer one takes its place. Whoever looks into it compares
its modseq with the mailbox's row first, in one transaction, so that it is never stale, whichever process wrote. What
changed meanwhile is read by modseq.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import bindparam, literal_column, select

from odcore import haste
from odcore.kept import Kept
from odcore.sql.statement import statement
from odmail.mailbox import schema
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
_COLUMNS = (_placement.c.uid, _placement.c.flags, _placement.c.keywords, _placement.c.modseq, _placement.c.message)
_ALL = statement(select(*_COLUMNS).where(*_IN_BOX).order_by(_placement.c.uid))
_CHANGED = statement(
    select(*_COLUMNS)
    .where(*_IN_BOX, _placement.c.modseq > bindparam("modseq"))
    .order_by(_placement.c.modseq)
    .limit(literal_column(str(_SOME + 1)))
)
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
    """Those of one process, the least recently used forgotten."""

    def __init__(self, room: int = ROOM) -> None:
        self._kept: Kept[tuple[int, int], Mirror] = Kept(room)

    def current(self, tx: Transaction, box: Box) -> Mirror | None:
        """The mailbox as it is now, if that costs nothing."""
        known = self._kept.get((tx.account, box.mailbox))
        return known if known is not None and known.modseq == box.highestmodseq else None

    def renewed(self, tx: Transaction, box: Box) -> Mirror | None:
        """The mailbox as it is now, if that costs little."""
        known = self._kept.get((tx.account, box.mailbox))
        if known is None or known.modseq == box.highestmodseq:
            return known
        if known.modseq > box.highestmodseq:  # another transaction has seen more
            return None
        _wait(box)
        renewed = _renewed(known, tx, box)
        return self._keep(tx, box, renewed) if renewed else None

    def made(self, tx: Transaction, box: Box) -> Mirror:
        """The mailbox as it is now, whatever that costs."""
        known = self.renewed(tx, box)
        if known is not None:
            return known
        _wait(box)
        rows = tx.cursor.all(_ALL, {"account": tx.account, "mailbox": box.mailbox})
        return self._keep(tx, box, _of(box.highestmodseq, zip(*rows, strict=True) if rows else ([],) * 5))

    def _keep(self, tx: Transaction, box: Box, mirror: Mirror) -> Mirror:
        self._kept.put((tx.account, box.mailbox), mirror, _SIZE * len(mirror.uid))
        return mirror


def _wait(box: Box) -> None:
    if box.present > FEW:
        haste.wait()


def _of(modseq: int, columns: Iterable[Iterable[int]]) -> Mirror:
    uid, flags, keywords, modseqs, message = columns
    return Mirror(modseq, array("I", uid), bytes(flags), array("q", keywords), array("q", modseqs), array("q", message))


def _renewed(old: Mirror, tx: Transaction, box: Box) -> Mirror | None:
    """The mirror with what changed since; None when that is much, or not known."""
    if old.modseq < box.forgotten:
        return None
    key = {"account": tx.account, "mailbox": box.mailbox, "modseq": old.modseq}
    changed, gone = tx.cursor.all(_CHANGED, key), tx.cursor.all(_GONE, key)
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
