"""The order of SORT, from keys made when each message arrived.  RFC 5256 3, RFC 5957"""

from array import array
from collections.abc import Sequence

import msgspec

from odmail.imap.columns import Criterion, column
from odmail.imap.ports import Keep
from odmail.imap.reader import Reader
from odmail.imap.reading import Reading
from odmail.imap.types import BadSyntax
from odmail.mailbox.model import Need, Rows
from odmail.message.model import SortKeys
from odmail.message.parse import parse

MOST_CRITERIA = 20

Criteria = Sequence[tuple[Criterion, bool]]
"""The most important first; true: in reverse."""

_decode = msgspec.msgpack.Decoder(SortKeys).decode


def sent(rows: Rows) -> list[int]:
    """The sent dates; where there is none, when the message arrived.  RFC 5256 2.2"""
    return [received if sent is None else sent for sent, received in zip(rows.sent, rows.received, strict=True)]


def keys_of(rows: Rows) -> list[SortKeys]:
    """The rows' keys; from the header of a message whose keys are of an older kind."""
    return [_decode(each) if each[0] else parse(each[1:]).sort for each in rows.sort]


_KEYS = Need.SORT
CRITERIA = {
    one.name: one
    for one in (
        Criterion(b"ARRIVAL", Need.DATES, lambda rows: rows.received),
        Criterion(b"DATE", Need.DATES | Need.SENT, sent),
        Criterion(b"SIZE", Need.SIZE, lambda rows: rows.size),
        Criterion(b"SUBJECT", _KEYS, lambda rows: [one.subject for one in keys_of(rows)]),
        Criterion(b"FROM", _KEYS, lambda rows: [one.from_ for one in keys_of(rows)]),
        Criterion(b"TO", _KEYS, lambda rows: [one.to for one in keys_of(rows)]),
        Criterion(b"CC", _KEYS, lambda rows: [one.cc for one in keys_of(rows)]),
        Criterion(b"DISPLAYFROM", _KEYS, lambda rows: [one.display_from for one in keys_of(rows)]),
        Criterion(b"DISPLAYTO", _KEYS, lambda rows: [one.display_to for one in keys_of(rows)]),
    )
}


def arrange(keep: Keep, reading: Reading, criteria: Criteria, uids: "array[int]") -> "array[int]":
    """The uids (ascending) in order; where all criteria are equal the sequence numbers decide. Blocks."""
    read = [(column(keep, reading, criterion, uids), reverse) for criterion, reverse in criteria]
    for one, _ in read:
        uids = one.among(uids)
    (last, reverse), *others = reversed(read)
    order = sorted(uids, key=last.keys(uids).__getitem__, reverse=True) if reverse else last.sorted(uids)
    for one, reverse in others:
        order.sort(key=one.keys(uids).__getitem__, reverse=reverse)
    return array("I", order)


def read(args: Reader) -> Criteria:
    """`(SUBJECT REVERSE DATE)`"""
    criteria = args.list_of(lambda: _read_criterion(args), empty=False)
    if len(criteria) > MOST_CRITERIA:
        raise BadSyntax("too many sort criteria")
    return criteria


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
