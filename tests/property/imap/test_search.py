"""SEARCH against a naive reading of the same messages, for any nesting of keys."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odtest.talk import Talk


class Message(msgspec.Struct):
    number: int
    flags: frozenset[str]
    subject: str
    sender: str
    to: str
    text: str
    received: int
    sent: int

    @property
    def octets(self) -> bytes:
        date = datetime.fromtimestamp(self.sent, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        return (
            f"From: {self.sender}\r\nTo: {self.to}\r\nSubject: {self.subject}\r\nDate: {date}\r\n"
            f"X-Number: {self.number}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{self.text}\r\n"
        ).encode()


DAY = 86_400
START = 1_767_225_600  # 1 January 2026, midnight
WORDS = ("Tour programme", "Treasury bill", "ଓଡ଼ିଶା ସଚିବାଳୟ", "file", "re: Tour", "ab")
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "\\Draft", "$Todo")
MESSAGES = [
    Message(
        number=n,
        flags=frozenset(flag for at, flag in enumerate(FLAGS) if (n * 7 + n // 3) >> at & 1),
        subject=WORDS[n % len(WORDS)],
        sender=("bibhu@odisha.example", "Sasmita <sasmita@odisha.example>")[n % 2],
        to=("collector@odisha.example", "x@y.example, z@y.example", "sasmita@odisha.example")[n % 3],
        text=f"Letter {n} about {WORDS[(n * 5) % len(WORDS)]}" + " more" * (n * 3 % 11),
        received=START + (n * 37 % 11) * DAY + n * 977,
        sent=START + (n * 23 % 7) * DAY + n * 1009,
    )
    for n in range(1, 25)
]
GONE = {4, 11, 20}
ALIVE = [message for message in MESSAGES if message.number not in GONE]

Key = tuple[bytes, Callable[[int, Message], bool]]
"""A key as written, and what it means for a sequence number and its message."""


def day(instant: int) -> int:
    return instant // DAY


def date(number: int) -> bytes:
    return datetime.fromtimestamp(number * DAY, UTC).strftime("%-d-%b-%Y").encode()


def holds(where: str, what: str) -> bool:
    return what.casefold() in where.casefold()


def quoted(text: str) -> bytes:
    octets = text.encode()
    return b"{%d+}\r\n%b" % (len(octets), octets) if not text.isascii() else b'"%b"' % octets


def flag_key(flag: str, on: bool) -> Key:
    if flag.startswith("\\"):
        name = ("" if on else "UN").encode() + flag[1:].upper().encode()
    else:
        name = (b"KEYWORD " if on else b"UNKEYWORD ") + flag.lower().encode()
    return name, lambda _, message: (flag in message.flags) is on


def day_key(prefix: bytes, relation: bytes, at: int) -> Key:
    def met(_: int, message: Message) -> bool:
        value = day(message.sent if prefix else message.received)
        return {b"BEFORE": value < at, b"ON": value == at, b"SINCE": value >= at}[relation]

    return b"%b%b %b" % (prefix, relation, date(at)), met


def field_key(field: str, text: str) -> Key:
    where = {"FROM": "sender", "TO": "to", "SUBJECT": "subject"}[field]
    return field.encode() + b" " + quoted(text), lambda _, message: holds(getattr(message, where), text)


def size_key(larger: bool, size: int) -> Key:
    return (
        b"%b %d" % (b"LARGER" if larger else b"SMALLER", size),
        lambda _, message: len(message.octets) > size if larger else len(message.octets) < size,
    )


def numbers_key(first: int, last: int, uid: bool) -> Key:
    low, high = min(first, last), max(first, last)
    written = b"%b%d:%d" % (b"UID " if uid else b"", first, last)
    return written, lambda number, message: low <= (message.number if uid else number) <= high


def text_key(text: str, header: bool) -> Key:
    def met(_: int, message: Message) -> bool:
        if holds(message.text, text):
            return True
        fields = (message.subject, message.sender, message.to)
        return header and any(holds(field, text) for field in fields)

    return (b"TEXT " if header else b"BODY ") + quoted(text), met


simple = st.one_of(
    st.builds(flag_key, st.sampled_from(FLAGS), st.booleans()),
    st.builds(
        day_key,
        st.sampled_from((b"", b"SENT")),
        st.sampled_from((b"BEFORE", b"ON", b"SINCE")),
        st.integers(day(START) - 1, day(START) + 12),
    ),
    st.builds(
        field_key, st.sampled_from(("FROM", "TO", "SUBJECT")), st.sampled_from((*WORDS, "sasmita", "our P", "zz"))
    ),
    st.builds(size_key, st.booleans(), st.sampled_from([len(message.octets) for message in MESSAGES])),
    st.builds(numbers_key, st.integers(1, 30), st.integers(1, 30), st.booleans()),
    st.builds(
        text_key, st.sampled_from(("letter 7", "treasury", "ଓଡ଼ିଶା", "zzz", "more more", "ab", "@y.ex")), st.booleans()
    ),
)


def combined(keys: st.SearchStrategy[Key]) -> st.SearchStrategy[Key]:
    def negated(key: Key) -> Key:
        return b"NOT " + key[0], lambda n, m: not key[1](n, m)

    def either(one: Key, other: Key) -> Key:
        return b"OR %b %b" % (one[0], other[0]), lambda n, m: one[1](n, m) or other[1](n, m)

    def every(all_of: list[Key]) -> Key:
        return b"(%b)" % b" ".join(key[0] for key in all_of), lambda n, m: all(key[1](n, m) for key in all_of)

    return st.one_of(
        st.builds(negated, keys),
        st.builds(either, keys, keys),
        st.builds(every, st.lists(keys, min_size=1, max_size=3)),
    )


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    talk = Talk(tmp_path_factory.mktemp("search"))
    for message in MESSAGES:
        talk.put(message.octets, message.received)
    talk.say(b"SELECT INBOX")
    for message in MESSAGES:
        if message.number in GONE:
            talk.say(b"UID STORE %d FLAGS.SILENT (\\Deleted)" % message.number)
    talk.say(b"EXPUNGE")
    for message in ALIVE:
        talk.say(b"UID STORE %d FLAGS.SILENT (%b)" % (message.number, " ".join(sorted(message.flags)).encode()))
    yield talk
    talk.close()


@settings(max_examples=150)
@given(st.recursive(simple, combined, max_leaves=6))
def test_search(talk: Talk, key: Key) -> None:
    """The store finds exactly the messages that a plain reading of the key finds."""
    written, met = key
    assert talk.numbers(written) == [n for n, message in enumerate(ALIVE, 1) if met(n, message)]
