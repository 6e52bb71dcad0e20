"""SEARCH: a tree of criteria becomes one query; texts are looked up in the index and verified.  RFC 9051 6.4.4

First a query that finds at least all messages that may match, each text standing for its candidates. Then each
candidate is looked at, in small transactions that keep nobody waiting. Then the same query, with each text standing
for the messages that truly hold it, among those looked at.
"""

from array import array
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any

import msgspec

from odcore import clock
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odmail.mailbox import content, keywords, placements, text
from odmail.mailbox.api import Found, Search
from odmail.mailbox.content import Content
from odmail.mailbox.model import Flag
from odmail.mailbox.ops.index import indexed
from odmail.mailbox.search import (
    All,
    And,
    Criterion,
    Day,
    EmailId,
    HasFlags,
    HasKeyword,
    Header,
    ModSeq,
    Not,
    Or,
    SaveDateSupported,
    Size,
    Text,
    ThreadId,
    Uids,
    Within,
)
from odmail.mailbox.transaction import Transaction

Words = Text | Header
Read = Callable[[Callable[[Transaction], Any]], Any]

_LEAVES = 1_000
_RANGES = 50
"""More ranges of uids than this are a list."""
_AT_ONCE = 100
_DAY = 24 * 3600
_LARGEST = (1 << 63) - 1
_JOINED = """SELECT p.uid, p.modseq, p.message FROM placement p
JOIN message m ON m.account = p.account AND m.message = p.message
WHERE p.account = :account AND p.mailbox = :mailbox AND """
_PLAIN = """SELECT p.uid, p.modseq, p.message FROM placement p
WHERE p.account = :account AND p.mailbox = :mailbox AND """
_ORDER = " ORDER BY p.uid"
_SEEN = """EXISTS (SELECT 1 FROM seen s WHERE s.account = p.account AND s.reader = :reader
AND s.mailbox = p.mailbox AND s.uid = p.uid)"""


class _Texts(msgspec.Struct):
    """What is known of each text of a tree: before the candidates are looked at, and after."""

    candidates: dict[Words, set[int] | None]  # None: too short for the index to tell
    indexed: int  # messages beyond are not in the index: any text may be in them
    holding: dict[Words, set[int]]

    def may_hold(self, word: Words, message: int) -> bool:
        known = self.candidates[word]
        return known is None or message in known or message > self.indexed


def search(read: Read, options: Search, reader: int, blobs: Blobs) -> Found:
    """Faults NOT_FOUND, LIMIT."""
    words = texts_of(options.criterion)
    texts, first = read(lambda tx: _first(tx, options, reader, words))
    if not words or not first:
        return _found(first)
    for at in range(0, len(first), _AT_ONCE):
        if options.tell:
            options.tell(at, len(first))
        messages = [message for _, _, message in islice(first, at, at + _AT_ONCE)]
        read(partial(_verify, messages=messages, texts=texts, blobs=blobs))
    uids = [uid for uid, _, _ in first]
    return _found(read(lambda tx: _Query(tx, options, reader, texts, exact=True).run(options.criterion, uids)))


def texts_of(criterion: Criterion) -> list[Words]:
    """The texts of a tree, each once. Fault LIMIT when it has too many leaves."""
    found: dict[Words, None] = {}
    waiting, leaves = [criterion], 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, And | Or):
            waiting.extend(one.parts)
        elif isinstance(one, Not):
            waiting.append(one.part)
        elif isinstance(one, Text | Header):
            found[one] = None
        leaves += 1
        if leaves > _LEAVES:
            raise Fault(Kind.LIMIT, "The search has too many criteria.")
    return list(found)


def _found(rows: list[Any]) -> Found:
    return Found(array("I", [row[0] for row in rows]), max((row[1] for row in rows), default=0))


def _first(tx: Transaction, options: Search, reader: int, words: list[Words]) -> tuple[_Texts, list[Any]]:
    """All messages that may match."""
    tx.box(options.mailbox)
    texts = _Texts({word: _candidates(tx, word) for word in words}, indexed(tx), {word: set() for word in words})
    return texts, _Query(tx, options, reader, texts, exact=False).run(options.criterion)


def _candidates(tx: Transaction, word: Words) -> set[int] | None:
    needles = [text.needle(word.text)]
    if isinstance(word, Header):
        needles.append(text.needle(f"{word.name}:"))
    return text.candidates(tx, needles)


def _verify(tx: Transaction, messages: list[int], texts: _Texts, blobs: Blobs) -> None:
    for message in messages:
        wanted = [word for word in texts.candidates if texts.may_hold(word, message)]
        loaded = content.load(tx, message, blobs) if wanted else None
        for word in wanted:
            if loaded is not None and _holds(word, loaded):
                texts.holding[word].add(message)


def _holds(word: Words, loaded: Content) -> bool:
    needle = text.needle(word.text)
    if isinstance(word, Header):
        return any(needle in value for value in loaded.fields(word.name))
    return (word.header and needle in loaded.header) or needle in loaded.body


class _Query:
    """SQL for a tree; every value is bound."""

    def __init__(self, tx: Transaction, options: Search, reader: int, texts: _Texts, *, exact: bool) -> None:
        self._tx = tx
        self._mailbox = options.mailbox
        self._reader = reader
        self._texts = texts
        self._exact = exact
        self._joined = False
        self._bindings: dict[str, Any] = {"account": tx.account, "mailbox": options.mailbox, "reader": reader}

    def run(self, criterion: Criterion, uids: list[int] | None = None) -> list[Any]:
        """Rows of uid, modseq and message; with `uids`, only among those."""
        where = self._sql(criterion, sure=False)
        if uids is not None:
            where = f"p.uid {self._list(uids)} AND {where}"
        return self._tx.cursor.all((_JOINED if self._joined else _PLAIN) + where + _ORDER, self._bindings)

    def _bind(self, value: Any) -> str:
        name = f"v{len(self._bindings)}"
        self._bindings[name] = min(value, _LARGEST) if isinstance(value, int) else value
        return f":{name}"

    def _list(self, values: Sequence[int]) -> str:
        return text.in_list(self._bind(msgspec.json.encode(values).decode())[1:])

    def _sql(self, criterion: Criterion, *, sure: bool) -> str:
        """`sure`: holds only where the criterion does; else at least where it does. In an exact query the two agree."""
        match criterion:
            case And(parts):
                return _balanced([self._sql(part, sure=sure) for part in parts], " AND ", "1")
            case Or(parts):
                return _balanced([self._sql(part, sure=sure) for part in parts], " OR ", "0")
            case Not(part):
                return f"NOT {self._sql(part, sure=not sure)}"
            case Text() | Header():
                return self._of_words(criterion, sure=sure)
            case Day(field, relation, day):
                return self._of_day(field, relation, day)
        return f"({self._of_row(criterion)})"

    def _of_row(self, criterion: Criterion) -> str:
        match criterion:
            case All() | SaveDateSupported():
                return "1"
            case Uids(ranges):
                return self._of_uids(placements.merge(ranges))
            case HasFlags(flags, on):
                return self._of_flags(flags, on=on)
            case HasKeyword(name, on):
                word = self._bind(keywords.bits(self._tx, (name,), make=False))
                return f"p.keywords & {word} <> 0" if on else f"p.keywords & {word} = 0"
            case Size(octets, larger):
                return f"p.size {'>' if larger else '<'} {self._bind(octets)}"
            case Within(seconds, younger):
                return f"p.received {'>=' if younger else '<='} {self._bind(clock.timestamp() - seconds)}"
            case ModSeq(modseq):
                return f"p.modseq >= {self._bind(modseq)}"
            case EmailId(message):
                return f"p.message = {self._bind(message)}"
            case ThreadId(thread):
                self._joined = True
                return f"m.thread = {self._bind(thread)}"
        raise Fault(Kind.UNSUPPORTED, "The search criterion is not known.")

    def _of_words(self, word: Words, *, sure: bool) -> str:
        if self._exact:
            return f"(p.message {self._list(sorted(self._texts.holding[word]))})"
        if sure:
            return "0"
        known = self._texts.candidates[word]
        if known is None:
            return "1"
        return f"(p.message > {self._bind(self._texts.indexed)} OR p.message {self._list(sorted(known))})"

    def _of_day(self, field: str, relation: str, day: int) -> str:
        if field == "sent":
            self._joined = True
        column = {"received": "p.received", "saved": "p.saved", "sent": "m.sent_day"}[field]
        start, end = self._bind(day), self._bind(day + _DAY)
        within = {"before": f"{column} < {start}", "since": f"{column} >= {start}"}
        on = f"{column} >= {start} AND {column} < {end}"
        return f"COALESCE({within.get(relation, on)}, 0)"

    def _of_flags(self, flags: int, *, on: bool) -> str:
        tests = []
        if self._reader and flags & Flag.SEEN:
            tests.append(_SEEN if on else f"NOT {_SEEN}")
            flags &= ~Flag.SEEN
        if flags:
            mask = self._bind(int(flags))
            tests.append(f"p.flags & {mask} = {mask if on else '0'}")
        return " AND ".join(tests) or "1"

    def _of_uids(self, ranges: list[tuple[int, int]]) -> str:
        if len(ranges) > _RANGES:
            return f"p.uid {self._list([place.uid for place in placements.find(self._tx, self._mailbox, ranges)])}"
        tests = [f"p.uid BETWEEN {self._bind(first)} AND {self._bind(last)}" for first, last in ranges]
        return _balanced([f"({test})" for test in tests], " OR ", "0")


def _balanced(parts: list[str], operator: str, empty: str) -> str:
    """Joined as a tree of little depth: SQLite bounds the depth of an expression."""
    if len(parts) <= 1:
        return parts[0] if parts else empty
    half = len(parts) // 2
    left, right = _balanced(parts[:half], operator, empty), _balanced(parts[half:], operator, empty)
    return f"({left}{operator}{right})"
