"""Sequence sets: read or BadSyntax, and placed where a naive reading places them.  odmail.imap.seqset"""

from itertools import pairwise

from odmail.imap import seqset
from odmail.imap.types import BadSyntax

UIDS = range(2, 2000, 3)
FEW = 20


def one(data: bytes) -> None:
    try:
        wanted = seqset.parse(data)
    except BadSyntax:
        return
    spans = seqset.clip_numbers(wanted, len(UIDS))
    assert all(0 <= first < end <= len(UIDS) for first, end in spans)
    assert all(end < first for (_, end), (first, _) in pairwise(spans))
    if not wanted.saved and len(wanted.ranges) <= FEW:
        assert {number + 1 for first, end in spans for number in range(first, end)} == _naive(data)
    for first, last in seqset.uid_ranges(spans, UIDS):
        assert UIDS[0] <= first <= last <= UIDS[-1]


def _naive(text: bytes) -> set[int]:
    found: set[int] = set()
    for part in text.decode("ascii").replace("*", str(len(UIDS))).split(","):
        ends = [int(end) for end in part.split(":")]
        found.update(range(min(ends), min(max(ends), len(UIDS)) + 1))
    return found
