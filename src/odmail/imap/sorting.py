"""The order of SORT, from keys made when each message arrived.  RFC 5256 3, RFC 5957

Keys are read in batches and kept as one list for each criterion; what else a row holds is let go.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax
from odmail.mailbox.model import Need, Rows
from odmail.message.model import SortKeys

MOST_CRITERIA = 20

_decode = msgspec.msgpack.Decoder(SortKeys).decode


class Criterion(msgspec.Struct, frozen=True):
    """One sort criterion: what it compares and where that is to be found."""

    need: Need
    column: Callable[[Rows, Sequence[SortKeys]], Iterable[Any]]


_KEYS = Need.SORT
CRITERIA = {
    b"ARRIVAL": Criterion(Need.DATES, lambda rows, _: rows.received),
    b"DATE": Criterion(Need.DATES | Need.SENT, lambda rows, _: sent(rows)),
    b"SIZE": Criterion(Need.SIZE, lambda rows, _: rows.size),
    b"SUBJECT": Criterion(_KEYS, lambda _, keys: [one.subject for one in keys]),
    b"FROM": Criterion(_KEYS, lambda _, keys: [one.from_ for one in keys]),
    b"TO": Criterion(_KEYS, lambda _, keys: [one.to for one in keys]),
    b"CC": Criterion(_KEYS, lambda _, keys: [one.cc for one in keys]),
    b"DISPLAYFROM": Criterion(_KEYS, lambda _, keys: [one.display_from for one in keys]),
    b"DISPLAYTO": Criterion(_KEYS, lambda _, keys: [one.display_to for one in keys]),
}


def sent(rows: Rows) -> list[int]:
    """The sent dates; where there is none, when the message arrived.  RFC 5256 2.2"""
    return [received if sent is None else sent for sent, received in zip(rows.sent, rows.received, strict=True)]


def keys_of(rows: Rows) -> list[SortKeys]:
    """The rows' keys."""
    return list(map(_decode, rows.sort))


class Sorting:
    """Criteria, the most important first, and the messages they are applied to."""

    def __init__(self, criteria: Sequence[tuple[Criterion, bool]]) -> None:
        self.need = Need(0)
        for criterion, _ in criteria:
            self.need |= criterion.need
        self._criteria = criteria
        self._uids: list[int] = []
        self._columns: list[list[Any]] = [[] for _ in criteria]

    def add(self, rows: Rows) -> None:
        """More messages, ascending."""
        self._uids += rows.uid
        keys = keys_of(rows) if self.need & Need.SORT else ()
        for column, (criterion, _) in zip(self._columns, self._criteria, strict=True):
            column += criterion.column(rows, keys)

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
