"""Sequence sets against sets of numbers."""

from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from odmail.imap import seqset, writer

UIDS = st.sets(st.integers(1, 300), min_size=1).map(lambda uids: array("I", sorted(uids)))
NUMBER = st.one_of(st.integers(1, 310), st.none())
RANGES = st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=20)


def written(ranges: list[tuple[int | None, int | None]]) -> bytes:
    def name(number: int | None) -> bytes:
        return b"*" if number is None else b"%d" % number

    return b",".join(name(first) if first == last else name(first) + b":" + name(last) for first, last in ranges)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60), min_size=1))
def test_ranges(some: set[int], others: set[int], wanted: set[int]) -> None:
    """What is left without some, and what is in both."""

    def numbers(ranges: list[tuple[int, int]]) -> list[int]:
        return [one for first, last in ranges for one in range(first, last + 1)]

    runs = list(seqset.runs(sorted(some)))
    assert numbers(seqset.without(runs, sorted(others))) == sorted(some - others)
    asked = seqset.SequenceSet(tuple(seqset.runs(sorted(wanted))))
    assert numbers(seqset.overlap(runs, asked)) == sorted(some & wanted)


@given(UIDS, RANGES)
def test_uids(uids: "array[int]", ranges: list[tuple[int | None, int | None]]) -> None:
    """A set of uids means just the messages between the ends of its ranges, in either order."""
    top = uids[-1]
    pairs = [sorted((first or top, last or top)) for first, last in ranges]
    expected = [uid for uid in uids if any(low <= uid <= high for low, high in pairs)]
    spans = seqset.place_uids(seqset.parse(written(ranges)), uids)
    assert [uid for first, end in spans for uid in uids[first:end]] == expected
    assert seqset.count(spans) == len(expected)
    assert all(end < following for (_, end), (following, _) in pairwise(spans))


@given(st.integers(0, 50), RANGES)
def test_numbers(exists: int, ranges: list[tuple[int | None, int | None]]) -> None:
    """A set of sequence numbers means just those, as far as they exist."""
    pairs = [sorted((first or exists, last or exists)) for first, last in ranges]
    expected = [n for n in range(1, exists + 1) if any(low <= n <= high and low for low, high in pairs)]
    assert list(seqset.numbers(seqset.clip_numbers(seqset.parse(written(ranges)), exists))) == expected


@given(st.sets(st.integers(1, 10_000), min_size=1))
def test_round_trip(numbers: set[int]) -> None:
    """What is written compactly reads as the same numbers."""
    ascending = sorted(numbers)
    read = seqset.parse(writer.uid_set(ascending))
    assert [n for first, last in read.ranges for n in range(first, last + 1)] == ascending


@given(UIDS, RANGES, st.integers(1, 40))
def test_batches(uids: "array[int]", ranges: list[tuple[int | None, int | None]], size: int) -> None:
    """Batches hold the same messages in order, none more than its share."""
    spans = seqset.place_uids(seqset.parse(written(ranges)), uids)
    batches = list(seqset.batches(spans, size))
    assert [n for batch in batches for n in seqset.numbers(batch)] == list(seqset.numbers(spans))
    assert all(seqset.count(batch) == size for batch in batches[:-1])
    assert all(0 < seqset.count(batch) <= size for batch in batches)


@given(UIDS, UIDS)
def test_positions(some: "array[int]", uids: "array[int]") -> None:
    """Positions are those of the uids both have."""
    assert [uids[at] for at in seqset.positions(some, uids)] == sorted(set(some) & set(uids))
