"""The work of FETCH: a plan made once per command, and what it makes of each batch of messages.  RFC 9051 6.4.5

A batch is one call into the store and leaves as one write. It is bounded in rows and, when bodies are wanted, in
octets: their sizes are asked for first. Literals too large for a batch are left as `Octets` for the session to stream.
`load` runs where the store may be waited for; nothing here knows the session.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from odmail.imap import flags, seqset
from odmail.imap.item import STREAM_FROM, Bound, Bulky, Facts, Light, Piece
from odmail.imap.seqset import Span
from odmail.mailbox.api import Fetch, MailAccount, UidRange
from odmail.mailbox.model import Need, Row

ROWS = 500
"""Messages in a batch of light items."""

HEADERS = 100
"""Messages in a batch with headers, envelopes or structures, which strangers may have made large."""

OCTETS = 1 << 20
"""Octets of bodies in a batch, but for the last body of it."""

_LARGE = Need.HEADER | Need.ENVELOPE | Need.STRUCTURE


class Plan(msgspec.Struct, frozen=True):
    """The items of one FETCH and how they are to be fetched."""

    items: tuple[Bound, ...]
    mailbox: int
    reader: str
    recent_from: int
    utf8: bool = False
    changed_since: int = 0
    changed: frozenset[int] = frozenset()  # uids that this FETCH marked as seen: their flags are told, too
    condstore: bool = False

    @property
    def need(self) -> Need:
        """All columns the items need."""
        need = Need(0)
        for item in self.items:
            need |= item.need
        return need

    @property
    def rows(self) -> int:
        """Messages of one batch."""
        return HEADERS if self.need & _LARGE else ROWS

    @property
    def bulky(self) -> bool:
        """Are octets of bodies wanted?"""
        return any(item.bulky for item in self.items)

    def most(self, size: int) -> int:
        """Octets of bodies that a message of this size puts into a batch."""
        wanted = (size if item.most is None else min(size, item.most) for item in self.items if item.bulky)
        return sum(min(octets, STREAM_FROM) for octets in wanted)


class Batch(msgspec.Struct, frozen=True):
    """Some of the messages wanted: spans of the ascending uids that the client knows."""

    spans: Sequence[Span]
    uids: "array[int]"

    @property
    def ranges(self) -> list[UidRange]:
        """For the store."""
        return seqset.uid_ranges(self.spans, self.uids)


class Loaded(msgspec.Struct, frozen=True):
    """What to send, how many messages it is of, and the keyword bits seen."""

    pieces: list[Piece]
    count: int
    keywords: int


def divide(account: MailAccount, plan: Plan, batch: Batch) -> list[Batch]:
    """The batch cut so that the bodies of each part come to about OCTETS."""
    sizes = account.fetch(Fetch(plan.mailbox, batch.ranges, Need.SIZE, plan.reader, plan.changed_since))
    parts: list[Batch] = []
    spans: list[Span] = []
    room = OCTETS
    for number, row in numbered(sizes, batch):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number - 1, number))
        room -= plan.most(row.size)
        if room <= 0:
            parts.append(Batch(spans, batch.uids))
            spans, room = [], OCTETS
    if spans:
        parts.append(Batch(spans, batch.uids))
    return parts


def load(account: MailAccount, plan: Plan, names: tuple[str, ...], batch: Batch) -> Loaded:
    """Fetch the batch and write it. `names` are the keywords the session knows; unknown ones are looked up."""
    rows = account.fetch(Fetch(plan.mailbox, batch.ranges, plan.need, plan.reader, plan.changed_since))
    keywords = 0
    for row in rows:
        keywords |= row.keywords
    if keywords.bit_length() > len(names):
        names = account.keywords()
    words = _writing(plan, Facts(flags.writing(names, plan.recent_from), plan.utf8))
    bulkies = [item.bulky for item in plan.items if item.bulky]
    if bulkies:
        pieces: Iterable[Piece] = _with_bodies(numbered(rows, batch), words, bulkies)
    else:
        pieces = [b"* %d FETCH (%b)\r\n" % (number, words(row)) for number, row in numbered(rows, batch)]
    return Loaded(_joined(pieces), len(rows), keywords)


def _writing(plan: Plan, facts: Facts) -> Light:
    """All the light items of a row in one."""
    join = b" ".join
    lights = [item.light(facts) for item in plan.items if item.light]
    if not plan.changed:
        return lambda row: join([write(row) for write in lights])
    more = [*lights, facts.write_flags, *([write_modseq] if plan.condstore else [])]
    changed = plan.changed
    return lambda row: join([write(row) for write in (more if row.uid in changed else lights)])


def _with_bodies(rows: Iterable[tuple[int, Row]], words: Light, bulkies: Sequence[Bulky]) -> list[Piece]:
    pieces: list[Piece] = []
    for number, row in rows:
        start = words(row)
        pieces.append(b"* %d FETCH (%b " % (number, start) if start else b"* %d FETCH (" % number)
        for write in bulkies:
            pieces += write(row)
            pieces.append(b" ")
        pieces[-1] = b")\r\n"
    return pieces


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighboring octets made one."""
    joined: list[Piece] = []
    held: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            held.append(piece)
        else:
            joined += (b"".join(held), piece)
            held = []
    joined.append(b"".join(held))
    return joined


def write_modseq(row: Row) -> bytes:
    return b"MODSEQ (%d)" % row.modseq


def numbered(rows: Sequence[Row], batch: Batch) -> Iterable[tuple[int, Row]]:
    """Each row with its sequence number. Rows of messages the client was not told of are left out."""
    if len(rows) == seqset.count(batch.spans):  # the usual case: none has gone meanwhile
        return zip(seqset.numbers(batch.spans), rows, strict=True)
    return _found(rows, batch.uids)


def _found(rows: Sequence[Row], uids: "array[int]") -> Iterator[tuple[int, Row]]:
    at = 0
    for row in rows:
        at = bisect_left(uids, row.uid, at)
        if at < len(uids) and uids[at] == row.uid:
            yield at + 1, row
