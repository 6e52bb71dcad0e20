"""The work of FETCH: a plan made once per command, and what it makes of each batch of messages.  RFC 9051 6.4.5

A batch is asked of the store a stretch at a time: as many messages as have about OCTETS, whatever the messages are
like. It is written as fast as the client takes it. Stretches of bodies that do not fit are left as promises for the
session to stream. So memory depends neither on how much is asked for nor on what strangers have sent. Nothing here
knows the session; `Batch.more` runs where the store may be waited for.
"""

import functools
import operator
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from odmail.imap import flags, seqset
from odmail.imap.item import Bound, Facts, Light, Octets, Piece
from odmail.imap.items.modseq import LIGHT as MODSEQ
from odmail.imap.seqset import Span
from odmail.mailbox.api import Fetch, MailAccount
from odmail.mailbox.model import Need, Row, Rows

ROWS = 5000
"""Messages in a batch."""

OCTETS = 1 << 18
"""Octets read from the store, and written, at a time."""


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
        return Need(functools.reduce(operator.or_, (int(item.need) for item in self.items), 0))


class Batch:
    """Some of the messages wanted, and how far they are written."""

    def __init__(self, account: MailAccount, plan: Plan, spans: Sequence[Span], uids: "array[int]") -> None:
        self.done = False
        self.count = 0  # messages there were
        self.keywords = 0  # bits seen
        self._account = account
        self._plan = plan
        self._spans = spans  # those not yet fetched
        self._uids = uids
        self._bulkies = [item.bulky for item in plan.items if item.bulky]
        self._bodies: Iterator[tuple[bytes, Row]] | None = None  # fetched and not yet written

    def more(self, names: tuple[str, ...]) -> list[Piece]:
        """The next stretch of the answer; `done` tells whether it is the last. `names` are the keywords known."""
        if self._bodies is not None:
            return self._write_bodies(self._bodies)
        rows, complete = self._fetch()
        for words in set(rows.keywords):
            self.keywords |= words
        if self.keywords.bit_length() > len(names):
            names = self._account.keywords()
        self.count += len(rows)  # nothing from here on waits
        numbers, rows = numbered(rows, self._spans, self._uids)
        self._spans = [] if complete else self._rest(rows)
        texts = self._texts(numbers, rows, names)
        if self._bulkies:
            return self._write_bodies(iter(zip(texts, rows, strict=True)))
        self.done = not self._spans
        return [b"".join(texts)]

    def _fetch(self) -> tuple[Rows, bool]:
        """Rows of the next messages, and whether they are the last."""
        plan = self._plan
        ranges = seqset.uid_ranges(self._spans, self._uids)
        rows = self._account.fetch(Fetch(plan.mailbox, ranges, plan.need, plan.reader, plan.changed_since, OCTETS))
        return rows, rows.complete

    def _rest(self, rows: Rows) -> list[Span]:
        at = bisect_right(self._uids, rows.uid[-1])
        return [(max(first, at), end) for first, end in self._spans if end > at]

    def _texts(self, numbers: Iterable[int], rows: Rows, names: tuple[str, ...]) -> Iterable[bytes]:
        """The small items of each message; all there is of it, unless bodies follow."""
        plan = self._plan
        facts = Facts(flags.Writing(names, plan.recent_from), plan.utf8)
        lights = [item.light(facts) for item in plan.items if item.light]
        end = b" " if self._bulkies else b")\r\n"
        if not plan.changed:
            return written(lights, numbers, rows, end)
        more = [*lights, Light(b"%b", facts.flags.column), *([MODSEQ] if plan.condstore else [])]
        kept = list(numbers)
        pairs = zip(rows.uid, written(lights, kept, rows, end), written(more, kept, rows, end), strict=True)
        return (told if uid in plan.changed else usual for uid, usual, told in pairs)

    def _write_bodies(self, bodies: Iterator[tuple[bytes, Row]]) -> list[Piece]:
        """About OCTETS of them."""
        pieces: list[Piece] = []
        room = OCTETS
        for start, row in bodies:
            room -= self._write_body(pieces, start, row, room)
            if room <= 0:
                self._bodies = bodies
                return joined(pieces)
        self._bodies = None
        self.done = not self._spans
        return joined(pieces)

    def _write_body(self, pieces: list[Piece], start: bytes, row: Row, room: int) -> int:
        """What fits into twice the room is read now: a batch of usual messages has no promises in it."""
        pieces.append(start)
        size = len(start)
        for bulky in self._bulkies:
            for piece in bulky(row):
                if isinstance(piece, Octets):
                    if size + piece.size > room + OCTETS:
                        pieces.append(piece)
                        continue
                    piece = piece.read()
                size += len(piece)
                pieces.append(piece)
            pieces.append(b" ")
        pieces[-1] = b")\r\n"
        return size


def written(lights: Sequence[Light], numbers: Iterable[int], rows: Rows, end: bytes) -> Iterable[bytes]:
    """`* n FETCH (`, the small items of each message and `end`, by one formatting for each."""
    text = b"* %d FETCH (" + b" ".join(light.text for light in lights) + (end if lights else end.lstrip(b" "))
    values = [light.values(rows) for light in lights]
    return map(text.__mod__, zip(numbers, *values, strict=True))


def numbered(rows: Rows, spans: Sequence[Span], uids: "array[int]") -> tuple[Sequence[int], Rows]:
    """The rows with their sequence numbers, without messages that the client was not told of."""
    numbers = list(islice(seqset.numbers(spans), len(rows)))
    if not numbers or uids[numbers[-1] - 1] == rows.uid[-1]:  # the usual case: none has gone meanwhile
        return numbers, rows
    at = 0
    numbers = []
    for uid in rows.uid:
        at = bisect_left(uids, uid, at)
        numbers.append(at + 1 if at < len(uids) and uids[at] == uid else 0)
    return (numbers, rows) if all(numbers) else ([number for number in numbers if number], rows.only(numbers))


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighboring octets made one."""
    made: list[Piece] = []
    held: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            held.append(piece)
        else:
            made += (b"".join(held), piece)
            held = []
    made.append(b"".join(held))
    return made
