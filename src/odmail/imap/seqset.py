"""Sequence sets: reading them and placing them on a view of a mailbox.  RFC 9051 9

A set is placed on the ascending uids a session sees. The result is a list of half-open spans of indexes into them,
ascending and disjoint, so its size and cost depend on what exists and never on what was asked for.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax

Span = tuple[int, int]
"""`(first, end)`: indexes from `first` up to but without `end`; sequence numbers are one higher."""

MAX = 0xFFFFFFFF

_NUMBER = rb"(?:\*|[1-9][0-9]{0,9})"
_RANGE = _NUMBER + rb"(?::" + _NUMBER + rb")?"
_SET = re.compile(_RANGE + rb"(?:," + _RANGE + rb")*")


class SequenceSet(msgspec.Struct, frozen=True):
    """Ranges as they were written, 0 standing for `*`; or, when `saved`, the result of an earlier SEARCH (`$`)."""

    ranges: tuple[tuple[int, int], ...] = ()
    saved: bool = False

    @property
    def lowest(self) -> int:
        """The lowest number in it; 0 when all are `*`."""
        return min((number for both in self.ranges for number in both if number), default=0)


SAVED = SequenceSet(saved=True)


def read(reader: Reader) -> SequenceSet:
    """The set that comes next among a command's arguments."""
    return parse(reader.run(b"0123456789:*,$"))


def parse(text: bytes) -> SequenceSet:
    """The set written as `text`; BadSyntax when it is none. Linear in its length."""
    if text == b"$":  # RFC 5182 2.1
        return SAVED
    if _SET.fullmatch(text) is None:
        raise BadSyntax("expected a sequence set")
    ranges = tuple(_ranges(text)) if b":" in text or b"*" in text else tuple(runs(_singles(text)))
    if any(first > MAX or last > MAX for first, last in ranges):
        raise BadSyntax("number too large")
    return SequenceSet(ranges)


def _singles(text: bytes) -> list[int]:
    return sorted(set(map(int, text.split(b","))))


def _ranges(text: bytes) -> Iterator[tuple[int, int]]:
    for part in text.replace(b"*", b"0").split(b","):
        first, colon, last = part.partition(b":")
        low = int(first)
        yield low, int(last) if colon else low


def place_numbers(wanted: SequenceSet, exists: int) -> list[Span]:
    """Where a set of sequence numbers lies among `exists` messages; BadSyntax for one beyond them."""
    spans: list[Span] = []
    for first, last in wanted.ranges:
        low, high = first or exists, last or exists
        if low > high:
            low, high = high, low
        if low < 1 or high > exists:  # RFC 9051 9 seq-number: also "*" when there is no message
            raise BadSyntax(f"there are only {exists} messages")
        spans.append((low - 1, high))
    return _joined(spans)


def clip_numbers(wanted: SequenceSet, exists: int) -> list[Span]:
    """The same for SEARCH, where a number that stands for no message merely matches nothing."""
    spans: list[Span] = []
    for first, last in wanted.ranges:
        low, high = first or exists, last or exists
        if low > high:
            low, high = high, low
        if 0 < low <= exists:
            spans.append((low - 1, min(high, exists)))
    return _joined(spans)


def place_uids(wanted: SequenceSet, uids: Sequence[int]) -> list[Span]:
    """Where a set of uids lies among the ascending `uids`; those that stand for no message are left out."""
    if not uids:
        return []
    top = uids[-1]
    spans: list[Span] = []
    for first, last in wanted.ranges:
        low, high = first or top, last or top
        if low > high:
            low, high = high, low
        start = bisect_left(uids, low)
        end = start + (start < len(uids) and uids[start] == low) if low == high else bisect_right(uids, high)
        if start < end:
            spans.append((start, end))
    return _joined(spans)


def place_saved(saved: Sequence[int], uids: Sequence[int]) -> list[Span]:
    """Where the saved uids of an earlier SEARCH lie among the ascending `uids`."""
    return [(first, last + 1) for first, last in runs(positions(saved, uids))]


def _joined(spans: list[Span]) -> list[Span]:
    """The spans ascending, with those that touch or overlap made one."""
    if len(spans) < 2:
        return spans
    spans.sort()
    joined: list[Span] = []
    start, end = spans[0]
    for first, last in spans:
        if first > end:
            joined.append((start, end))
            start, end = first, last
        elif last > end:
            end = last
    joined.append((start, end))
    return joined


def count(spans: Iterable[Span]) -> int:
    """How many messages lie in the spans."""
    return sum(end - first for first, end in spans)


def numbers(spans: Iterable[Span]) -> Iterator[int]:
    """All sequence numbers in the spans, ascending."""
    for first, end in spans:
        yield from range(first + 1, end + 1)


def uid_ranges(spans: Iterable[Span], uids: Sequence[int]) -> list[tuple[int, int]]:
    """The spans as ranges of uids, both ends included, for the store."""
    return [(uids[first], uids[end - 1]) for first, end in spans]


def batches(spans: Iterable[Span], size: int) -> Iterator[list[Span]]:
    """The same spans cut into lists of at most `size` messages each, in order."""
    batch: list[Span] = []
    room = size
    for first, end in spans:
        while first < end:
            cut = min(end, first + room)
            batch.append((first, cut))
            room -= cut - first
            first = cut
            if not room:
                yield batch
                batch, room = [], size
    if batch:
        yield batch


def cut(spans: Iterable[Span], first: int, end: int) -> list[Span]:
    """The messages from position `first` up to but without `end` among those in the spans."""
    kept: list[Span] = []
    before = 0
    for start, stop in spans:
        low, high = start + max(0, first - before), min(stop, start + end - before)
        if low < high:
            kept.append((low, high))
        before += stop - start
    return kept


def positions(some: Sequence[int], uids: Sequence[int]) -> Iterator[int]:
    """The index in `uids` of each of `some`, both ascending; those that are not there are left out."""
    if len(some) == len(uids) and some == uids:
        yield from range(len(uids))
        return
    at = 0
    end = len(uids)
    for uid in some:
        at = bisect_left(uids, uid, at)
        if at == end:
            return
        if uids[at] == uid:
            yield at


def overlap(some: Sequence[tuple[int, int]], wanted: SequenceSet) -> list[tuple[int, int]]:
    """What ascending, disjoint ranges (both ends included) have in common with a set that has no `*`."""
    spans = _joined([(min(both), max(both) + 1) for both in wanted.ranges])
    found: list[tuple[int, int]] = []
    at = 0
    for first, end in spans:
        at = bisect_left(some, first, max(at - 1, 0), key=lambda one: one[1])  # one may lie in two spans
        while at < len(some) and some[at][0] < end:
            found.append((max(some[at][0], first), min(some[at][1], end - 1)))
            at += 1
    return found


def without(some: Iterable[tuple[int, int]], others: Collection[int]) -> list[tuple[int, int]]:
    """Ascending, disjoint ranges (both ends included) without some numbers, ascending, too."""
    numbers = list(others)
    kept: list[tuple[int, int]] = []
    for first, last in some:
        for number in numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]:
            if first < number:
                kept.append((first, number - 1))
            first = number + 1
        if first <= last:
            kept.append((first, last))
    return kept


def runs(ascending: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as ranges, both ends included."""
    numbers = iter(ascending)
    start = last = next(numbers, -1)
    if start < 0:
        return
    for number in numbers:
        if number != last + 1:
            yield start, last
            start = number
        last = number
    yield start, last
