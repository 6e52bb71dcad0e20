"""The work of FETCH: a plan made once per command, and what it makes of each batch of messages.  RFC 9051 6.4.5

A batch is fetched in one call into the store, and written as fast as the client takes it: about OCTETS at a time,
whatever the messages are like. Stretches of bodies that do not fit are left as promises for the session to stream.
So memory depends neither on how much is asked for nor on what strangers have sent. Nothing here knows the session;
`Batch.more` runs where the store may be waited for.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from odmail.imap import flags, seqset
from odmail.imap.item import Bound, Facts, Light, Octets, Piece
from odmail.imap.items.modseq import write_modseq
from odmail.imap.seqset import Span
from odmail.mailbox.api import Fetch, MailAccount
from odmail.mailbox.model import Need, Row

ROWS = 2000
"""Messages in a batch of small items."""

LARGE_ROWS = 100
"""Messages in a batch with anything that strangers may have made large."""

OCTETS = 1 << 20
"""Octets written at a time."""

_LARGE = Need.HEADER | Need.ENVELOPE | Need.STRUCTURE | Need.PART | Need.BODY


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
        return LARGE_ROWS if self.need & _LARGE else ROWS


class Batch:
    """Some of the messages wanted, and how far they are written."""

    def __init__(self, account: MailAccount, plan: Plan, spans: Sequence[Span], uids: "array[int]") -> None:
        self.done = False
        self.count = 0  # messages there were
        self.keywords = 0  # bits seen
        self._account = account
        self._plan = plan
        self._spans = spans
        self._uids = uids
        self._rows: Iterator[tuple[int, Row]] | None = None
        self._bulkies = [item.bulky for item in plan.items if item.bulky]

    def more(self, names: tuple[str, ...]) -> list[Piece]:
        """The next stretch of the answer; `done` tells whether it is the last. `names` are the keywords known."""
        if self._rows is None:
            self._rows = self._fetch(names)
        return _joined(self._bodies(self._rows) if self._bulkies else self._lights(self._rows))

    def _fetch(self, names: tuple[str, ...]) -> Iterator[tuple[int, Row]]:
        plan = self._plan
        ranges = seqset.uid_ranges(self._spans, self._uids)
        rows = self._account.fetch(Fetch(plan.mailbox, ranges, plan.need, plan.reader, plan.changed_since))
        self.count = len(rows)
        for row in rows:
            self.keywords |= row.keywords
        if self.keywords.bit_length() > len(names):
            names = self._account.keywords()
        self._words = _writing(plan, Facts(flags.writing(names, plan.recent_from), plan.utf8))
        return iter(numbered(rows, self._spans, self._uids))

    def _lights(self, rows: Iterator[tuple[int, Row]]) -> list[Piece]:
        pieces: list[Piece] = []
        room, words = OCTETS, self._words
        for number, row in rows:
            text = b"* %d FETCH (%b)\r\n" % (number, words(row))
            pieces.append(text)
            room -= len(text)
            if room <= 0:
                return pieces
        self.done = True
        return pieces

    def _bodies(self, rows: Iterator[tuple[int, Row]]) -> list[Piece]:
        pieces: list[Piece] = []
        room = OCTETS
        for number, row in rows:
            room -= self._with_bodies(pieces, number, row, room)
            if room <= 0:
                return pieces
        self.done = True
        return pieces

    def _with_bodies(self, pieces: list[Piece], number: int, row: Row, room: int) -> int:
        """What fits into twice the room is read now: a batch of usual messages has no promises in it."""
        start = self._words(row)
        pieces.append(b"* %d FETCH (%b " % (number, start) if start else b"* %d FETCH (" % number)
        written = len(start)
        for bulky in self._bulkies:
            for piece in bulky(row):
                if isinstance(piece, Octets):
                    if written + piece.size > room + OCTETS:
                        pieces.append(piece)
                        continue
                    piece = piece.read()
                written += len(piece)
                pieces.append(piece)
            pieces.append(b" ")
        pieces[-1] = b")\r\n"
        return written


def _writing(plan: Plan, facts: Facts) -> Light:
    """All the light items of a row in one."""
    lights = [item.light(facts) for item in plan.items if item.light]
    usual = _in_one(lights)
    if not plan.changed:
        return usual
    more = _in_one([*lights, facts.write_flags, *([write_modseq] if plan.condstore else [])])
    changed = plan.changed
    return lambda row: more(row) if row.uid in changed else usual(row)


def _in_one(lights: Sequence[Light]) -> Light:
    """UID and one more are what most clients ask for."""
    if len(lights) == 1:
        return lights[0]
    if len(lights) == 2:
        first, second = lights
        return lambda row: b"%b %b" % (first(row), second(row))
    join = b" ".join
    return lambda row: join([write(row) for write in lights])


def numbered(rows: Sequence[Row], spans: Sequence[Span], uids: "array[int]") -> Iterable[tuple[int, Row]]:
    """Each row with its sequence number. Rows of messages the client was not told of are left out."""
    if len(rows) == seqset.count(spans):  # the usual case: none has gone meanwhile
        return zip(seqset.numbers(spans), rows, strict=True)
    return _found(rows, uids)


def _found(rows: Sequence[Row], uids: "array[int]") -> Iterator[tuple[int, Row]]:
    at = 0
    for row in rows:
        at = bisect_left(uids, row.uid, at)
        if at < len(uids) and uids[at] == row.uid:
            yield at + 1, row


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
