"""The order of SORT, from keys made when each message arrived.  RFC 5256 3, RFC 5957

Keys are read in batches and kept as one list for each criterion; what else a row holds is let go.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax
from odmail.mailbox.model import Need, Row
from odmail.message.model import SortKeys

MOST_CRITERIA = 20

_decode = msgspec.msgpack.Decoder(SortKeys).decode
_NO_KEYS = SortKeys("", "", "", "", "", "")


class Criterion(msgspec.Struct, frozen=True):
    """One sort criterion: what it compares and where that is to be found."""

    need: Need
    key: Callable[[Row, SortKeys], Any]


_KEYS = Need.SORT
CRITERIA = {
    b"ARRIVAL": Criterion(Need.DATES, lambda row, _: row.received),
    b"DATE": Criterion(Need.DATES | _KEYS, lambda row, _: sent(row)),
    b"SIZE": Criterion(Need.SIZE, lambda row, _: row.size),
    b"SUBJECT": Criterion(_KEYS, lambda _, keys: keys.subject),
    b"FROM": Criterion(_KEYS, lambda _, keys: keys.from_),
    b"TO": Criterion(_KEYS, lambda _, keys: keys.to),
    b"CC": Criterion(_KEYS, lambda _, keys: keys.cc),
    b"DISPLAYFROM": Criterion(_KEYS, lambda _, keys: keys.display_from),
    b"DISPLAYTO": Criterion(_KEYS, lambda _, keys: keys.display_to),
}


def sent(row: Row) -> int:
    """The sent date; when there is none, when the message arrived.  RFC 5256 2.2"""
    return row.received if row.sent is None else row.sent


def keys_of(row: Row) -> SortKeys:
    """The row's keys."""
    return _decode(row.sort) if row.sort else _NO_KEYS


class Sorting:
    """Criteria, the most important first, and the messages they are applied to."""

    def __init__(self, criteria: Sequence[tuple[Criterion, bool]]) -> None:
        self.need = Need(0)
        for criterion, _ in criteria:
            self.need |= criterion.need
        self._criteria = criteria
        self._uids: list[int] = []
        self._columns: list[list[Any]] = [[] for _ in criteria]

    def add(self, rows: Sequence[Row]) -> None:
        """More messages, ascending."""
        self._uids += [row.uid for row in rows]
        every = [keys_of(row) for row in rows] if self.need & Need.SORT else [_NO_KEYS] * len(rows)
        for column, (criterion, _) in zip(self._columns, self._criteria, strict=True):
            column += map(criterion.key, rows, every)

    def result(self) -> list[int]:
        """The uids in order; where all criteria are equal the sequence numbers decide."""
        order = list(range(len(self._uids)))
        for column, (_, reverse) in reversed(list(zip(self._columns, self._criteria, strict=True))):
            order.sort(key=column.__getitem__, reverse=reverse)
        return [self._uids[at] for at in order]


def read(args: Reader) -> Sorting:
    """`(SUBJECT REVERSE DATE)`"""
    criteria = args.list_of(lambda: _read_criterion(args), empty=False)
    if len(criteria) > MOST_CRITERIA:
        raise BadSyntax("too many sort criteria")
    return Sorting(criteria)


def _read_criterion(args: Reader) -> tuple[Criterion, bool]:
    word = args.word()
    reverse = word == b"REVERSE"
    if reverse:
        args.space()
        word = args.word()
    criterion = CRITERIA.get(word)
    if criterion is None:
        raise BadSyntax("unknown sort criterion")
    return criterion, reverse
