"""SEARCH: a tree of criteria becomes one query; texts are looked up in the index and verified.  RFC 9051 6.4.4

First a query that finds at least all messages that may match, each text standing for its candidates. Then each
candidate is looked at, in small transactions that keep nobody waiting. Then the same query, with each text standing
for the messages that truly hold it, among those looked at.
"""

from array import array
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

import msgspec

from odcore import clock, haste
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odmail.mailbox import content, keywords, placements, text
from odmail.mailbox.api import Found, Search
from odmail.mailbox.content import Content
from odmail.mailbox.mirror import FEW, Mirrors
from odmail.mailbox.model import Flag
from odmail.mailbox.ops import search_flags
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
T = TypeVar("T")


class Read(Protocol):
    """Runs its argument in a transaction."""

    def __call__(self, work: Callable[[Transaction], T], /) -> T: ...


_LEAVES = 1_000
_RANGES = 50
"""More ranges of uids than this are a list."""
_AT_ONCE = 100
_DAY = 24 * 3600
_LARGEST = (1 << 63) - 1
_PLACES = " FROM placement p"
_MESSAGES = " JOIN message m ON m.account = p.account AND m.message = p.message"
_IN_BOX = " WHERE p.account = :account AND p.mailbox = :mailbox AND "
_ORDER = " ORDER BY p.uid"
_BY_INDEX = "p.uid IN (SELECT uid FROM placement WHERE account = :account AND mailbox = :mailbox AND {})"
_MANY = f"""(SELECT MAX({FEW}, present / 10) FROM mailbox
WHERE account = :account AND mailbox = :mailbox)"""  # noqa: S608 - every value is bound
"""From so many on all messages are looked at, not an index."""
_RARE = f"""SELECT COUNT(*) < {_MANY} FROM (SELECT 1 FROM placement
WHERE account = :account AND mailbox = :mailbox AND {{}} LIMIT {_MANY})"""  # noqa: S608 - every value is bound
_UNSEEN = "flags & 1 = 0"
"""As the index of unseen messages has it."""
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


def search(read: Read, options: Search, words: list[Words], reader: int, blobs: Blobs, mirrors: Mirrors) -> Found:
    """`words` are its texts. Faults NOT_FOUND, LIMIT."""
    if not words:
        return read(lambda tx: _find(tx, options, reader, mirrors))
    texts, first = read(lambda tx: _first(tx, options, reader, words))
    for at in range(0, len(first), _AT_ONCE):
        if options.tell:
            options.tell(at, len(first))
        messages = [message for _, message in islice(first, at, at + _AT_ONCE)]
        read(partial(_verify, messages=messages, texts=texts, blobs=blobs))
    uids = [uid for uid, _ in first]
    return read(lambda tx: _Query(tx, options, reader, texts, exact=True).find(options.criterion, uids))


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


def _find(tx: Transaction, options: Search, reader: int, mirrors: Mirrors) -> Found:
    """Where no text is sought: all at once."""
    box, plain = tx.box(options.mailbox), search_flags.plain(options.criterion)
    if plain and (mirror := plain.mirror(tx, box, reader, mirrors)):
        return plain.found(tx, mirror)
    if box.present > FEW:
        haste.wait()
    return _Query(tx, options, reader, _Texts({}, 0, {}), exact=True).find(options.criterion)


def _first(tx: Transaction, options: Search, reader: int, words: list[Words]) -> tuple[_Texts, list[Any]]:
    """All messages that may match: uid and key."""
    tx.box(options.mailbox)
    texts = _Texts({word: _candidates(tx, word) for word in words}, indexed(tx), {word: set() for word in words})
    return texts, _Query(tx, options, reader, texts, exact=False).candidates(options.criterion)


def _candidates(tx: Transaction, word: Words) -> set[int] | None:
    needles = [text.needle(word.text)]
    if isinstance(word, Header):
        needles.append(text.needle(f"{word.name}:"))
    return text.candidates(tx, needles)


def _verify(tx: Transaction, messages: list[int], texts: _Texts, blobs: Blobs) -> None:
    wanted = {
        message: words
        for message in messages
        if (words := [word for word in texts.candidates if texts.may_hold(word, message)])
    }
    for message, loaded in content.load(tx, list(wanted), blobs):
        for word in wanted[message]:
            if _holds(word, loaded):
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

    def candidates(self, criterion: Criterion) -> list[Any]:
        """Rows of uid and message."""
        where = self._sql(criterion, sure=False)
        return self._tx.cursor.all("SELECT p.uid, p.message" + self._from + where + _ORDER, self._bindings)

    def find(self, criterion: Criterion, uids: list[int] | None = None) -> Found:
        """The answer; with `uids`, only among those."""
        where = self._sql(criterion, sure=False)
        if uids is not None:
            where = f"p.uid {self._list(uids)} AND {where}"
        rows = "SELECT p.uid, p.modseq" + self._from + where + _ORDER
        found, modseq = text.gathered(self._tx, rows, self._bindings)
        return Found(array("I", found), modseq)

    @property
    def _from(self) -> str:
        return _PLACES + (_MESSAGES if self._joined else "") + _IN_BOX

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
                return self._few(f"received {'>=' if younger else '<='} {self._bind(clock.timestamp() - seconds)}")
            case ModSeq(modseq):
                return self._few(f"modseq >= {self._bind(modseq)}")
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

    def _few(self, test: str) -> str:
        """A test of a column that has an index, by that index where it pays."""
        return _BY_INDEX.format(test) if self._is_rare(test) else f"p.{test}"

    def _is_rare(self, test: str) -> bool:
        return bool(self._tx.cursor.first(_RARE.format(test), self._bindings)[0])

    def _of_day(self, field: str, relation: str, day: int) -> str:
        column = {"received": "received", "saved": "p.saved", "sent": "m.sent_day"}[field]
        start, end = self._bind(day), self._bind(day + _DAY)
        within = {"before": f"{column} < {start}", "since": f"{column} >= {start}"}
        test = within.get(relation, f"{column} BETWEEN {start} AND {end} - 1")
        if field == "received":
            return self._few(test)
        if field == "saved":
            return f"({test})"
        self._joined = True
        return f"COALESCE({test}, 0)"

    def _of_flags(self, flags: int, *, on: bool) -> str:
        tests = []
        if self._reader and flags & Flag.SEEN:
            tests.append(_SEEN if on else f"NOT {_SEEN}")
            flags &= ~Flag.SEEN
        elif flags == Flag.SEEN and not on and self._is_rare(_UNSEEN):
            return _BY_INDEX.format(_UNSEEN)
        if flags:
            mask = self._bind(int(flags))
            tests.append(f"p.flags & {mask} = {mask}" if on else f"NOT p.flags & {mask}")
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
