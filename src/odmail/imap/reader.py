"""The argument grammar of commands.  RFC 9051 9

A Reader is a cursor over one whole command: its line, with each literal in place as `{n}` CRLF and n octets. Every
method takes what it names from the front or raises BadSyntax; none of them looks at the network or the store.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from odmail.imap import utf7
from odmail.imap.types import BadSyntax
from odmail.mailbox.model import Flag
from odmail.mailbox.names import normalize

T = TypeVar("T")

MAX_DEPTH = 32
"""Parentheses, NOTs and ORs inside one another."""

_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]++')
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]++')
_PATTERN = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]++')
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]++|\\["\\])*+)"')
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_LITERAL = re.compile(rb"~?\{([0-9]+)\}\r\n")
_NUMBER = re.compile(rb"[0-9]{1,19}")
_DATE = re.compile(rb'("?)([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})\1')
_DATE_TIME = re.compile(
    rb'"([ 0-9][0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"'
)
_MONTHS = {name: n for n, name in enumerate(b"JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_FLAGS = {f"\\{flag.name}".upper().encode(): flag for flag in Flag}


class Reader:
    """See the module's docstring. `uid` tells a command that it was given as UID COMMAND."""

    __slots__ = ("_at", "_data", "_depth", "spelled", "tag", "uid", "utf8")

    def __init__(self, data: bytes, *, uid: bool = False, utf8: bool = False, tag: bytes = b"") -> None:
        self._data = data
        self._at = 0
        self._depth = 0
        self.spelled = ""  # the last mailbox name, as the client spelled it
        self.tag = tag  # repeated in ESEARCH
        self.uid = uid
        self.utf8 = utf8  # mailbox names and quoted strings are UTF-8

    def copy(self) -> "Reader":
        """One that reads again what is still to be read."""
        other = Reader(self._data, uid=self.uid, utf8=self.utf8, tag=self.tag)
        other._at = self._at
        return other

    # What stands between arguments.

    def bad(self, expected: str) -> BadSyntax:
        """The exception to raise here."""
        return BadSyntax(f"expected {expected} at octet {self._at}")

    def at_end(self) -> bool:
        """Has everything been read?"""
        return self._at >= len(self._data)

    def end(self) -> None:
        """Nothing may follow. A blank at the end of a line is forgiven: several clients leave one."""
        if self._data[self._at :].strip(b" "):
            raise self.bad("the end of the command")

    def rest(self) -> bytes:
        """All that was not yet read."""
        return self._data[self._at :]

    def peek(self, text: bytes) -> bool:
        """Does `text` come next?"""
        return self._data.startswith(text, self._at)

    def looks_like(self, pattern: re.Pattern[bytes]) -> bool:
        """Does what comes next begin like this?"""
        return pattern.match(self._data, self._at) is not None

    def take(self, text: bytes) -> bool:
        """Step over `text` if it comes next."""
        if not self._data.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def take_word(self, word: bytes) -> bool:
        """Step over the keyword `word` (given in upper case) if it comes next, however it is spelled."""
        end = self._at + len(word)
        if self._data[self._at : end].upper() != word:
            return False
        self._at = end
        return True

    def expect(self, text: bytes) -> None:
        """Step over `text`, which must come next."""
        if not self.take(text):
            raise self.bad(repr(text.decode("ascii")))

    def space(self) -> None:
        """The single space between arguments."""
        self.expect(b" ")

    def deeper(self) -> None:
        """One level down; pair it with `shallower`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadSyntax("nested too deeply")

    def shallower(self) -> None:
        """One level up."""
        self._depth -= 1

    def list_of(self, item: Callable[[], T], *, empty: bool = True) -> list[T]:
        """A parenthesized list of what `item` reads."""
        self.expect(b"(")
        self.deeper()
        items: list[T] = []
        if not (empty and self.peek(b")")):
            items.append(item())
            while self.take(b" "):
                items.append(item())
        self.expect(b")")
        self.shallower()
        return items

    # Words and strings.

    def _match(self, pattern: re.Pattern[bytes], expected: str) -> re.Match[bytes]:
        found = pattern.match(self._data, self._at)
        if found is None:
            raise self.bad(expected)
        self._at = found.end()
        return found

    def atom(self) -> bytes:
        """As spelled."""
        return self._match(_ATOM, "an atom")[0]

    def run(self, octets: bytes) -> bytes:
        """The longest run of nothing but these octets: what `seqset` reads."""
        end = len(self._data) - len(self._data[self._at :].lstrip(octets))
        if end == self._at:
            raise self.bad("one of " + octets.decode("ascii"))
        start, self._at = self._at, end
        return self._data[start:end]

    def word(self) -> bytes:
        """An atom in upper case: a keyword of the protocol."""
        return self.atom().upper()

    def string(self) -> bytes:
        """Quoted or literal."""
        if self.peek(b'"'):
            content = self._match(_QUOTED, "a quoted string")[1]
            if self.utf8 and not content.isascii():
                self._utf8(content)  # RFC 6855 3: nothing else has its high bit set
            return _ESCAPED.sub(rb"\1", content) if b"\\" in content else content
        size = int(self._match(_LITERAL, "a string")[1])
        start = self._at
        self._at += size
        return self._data[start : self._at]

    def _is_string(self) -> bool:
        return self.peek(b'"') or self.peek(b"{") or self.peek(b"~{")

    def astring(self) -> bytes:
        """An atom (with ']' allowed) or a string."""
        return self.string() if self._is_string() else self._match(_ASTRING, "an atom or a string")[0]

    def nstring(self) -> bytes | None:
        """A string or NIL."""
        if self._is_string():
            return self.string()
        if self.word() != b"NIL":
            raise self.bad("a string or NIL")
        return None

    def text(self) -> str:
        """An astring that must be UTF-8."""
        return self._utf8(self.astring())

    def _utf8(self, octets: bytes) -> str:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadSyntax("not UTF-8") from error

    # Numbers and dates.

    def number(self, limit: int = 0xFFFFFFFF) -> int:
        """A number of at most `limit`."""
        value = int(self._match(_NUMBER, "a number")[0])
        if value > limit:
            raise BadSyntax("number too large")
        return value

    def number64(self) -> int:
        """A 63-bit number: sizes and modseqs.  RFC 9051 9 number64, RFC 7162 7"""
        return self.number((1 << 63) - 1)

    def date(self) -> int:
        """A day, quoted or not, as midnight UTC in seconds since the epoch."""
        found = self._match(_DATE, "a date")
        return _seconds(found[4], found[3], found[2], (0, 0, 0), timedelta(0))

    def date_time(self) -> int:
        """INTERNALDATE's form, in seconds since the epoch."""
        found = self._match(_DATE_TIME, "a date and time")
        offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
        clock = (int(found[4]), int(found[5]), int(found[6]))
        return _seconds(found[3], found[2], found[1], clock, -offset if found[7] == b"-" else offset)

    # Mailboxes and flags.

    def mailbox(self) -> str:
        """A mailbox name as text: NFC, INBOX in capitals, no matter how it was spelled."""
        return self.name(self.astring())

    def pattern(self) -> str:
        """A mailbox name that may hold wildcards."""
        octets = self.string() if self._is_string() else self._match(_PATTERN, "a mailbox pattern")[0]
        return self.name(octets)

    def name(self, octets: bytes) -> str:
        """Decode a mailbox name: UTF-8 where it was enabled or 8-bit octets show it, else modified UTF-7."""
        try:
            if self.utf8 or any(octet > 0x7F for octet in octets):
                text = octets.decode("utf-8")
            else:
                text = utf7.decode(octets)
        except ValueError as error:
            raise BadSyntax("mailbox name is neither UTF-8 nor modified UTF-7") from error
        self.spelled = text
        return normalize(text)

    def flag(self) -> tuple[Flag, str]:
        """One flag: a system flag and "", or no flag and a keyword. \\Recent is neither: nobody can set it."""
        if not self.take(b"\\"):
            return Flag(0), self.atom().decode("ascii")
        name = b"\\" + self.word()
        if name == b"\\RECENT":
            return Flag(0), ""
        if name not in _FLAGS:
            raise BadSyntax("unknown system flag")
        return _FLAGS[name], ""

    def flags(self) -> tuple[Flag, tuple[str, ...]]:
        """A parenthesized flag list as system flags and keywords."""
        return gather(self.list_of(self.flag))


def gather(read: list[tuple[Flag, str]]) -> tuple[Flag, tuple[str, ...]]:
    """Flags read one by one, as one set of system flags and the keywords, each once."""
    flags = Flag(0)
    keywords: dict[str, None] = {}
    for flag, keyword in read:
        flags |= flag
        if keyword:
            keywords[keyword] = None
    return flags, tuple(keywords)


def _seconds(year: bytes, month: bytes, day: bytes, clock: tuple[int, int, int], offset: timedelta) -> int:
    """Seconds since the epoch; BadSyntax for a day no calendar has."""
    try:
        hour, minute, second = clock
        instant = datetime(
            int(year), _MONTHS[month.upper()], int(day), hour, minute, min(second, 59), tzinfo=timezone(offset)
        )
        return int(instant.astimezone(UTC).timestamp())
    except (KeyError, ValueError, OverflowError) as error:
        raise BadSyntax("no such date") from error
