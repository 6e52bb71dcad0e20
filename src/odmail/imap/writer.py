"""How values are spelled in responses.  RFC 9051 9"""

import functools
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from odmail.imap import utf7
from odmail.mailbox.model import Flag

_QUOTABLE = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]{0,1000}\Z")
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+\Z')
_MINUTES = [b"%02d:%02d" % divmod(minute, 60) for minute in range(24 * 60)]
_encode = msgspec.json.Encoder().encode
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def quoted(octets: bytes) -> bytes:
    """A quoted string of octets known to be quotable."""
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def literal(octets: bytes) -> bytes:
    """A literal. NUL can stand in none: 0x80 stands for it.  RFC 9051 4.3"""
    return b"{%d}\r\n%b" % (len(octets), octets.replace(b"\0", b"\x80"))


def string(octets: bytes, *, utf8: bool = False) -> bytes:
    """Quoted when that is possible, else a literal. With `utf8` a quoted string may hold UTF-8.  RFC 9051 4.3"""
    if _QUOTABLE.match(octets):
        return quoted(octets)
    if utf8 and len(octets) <= 1000 and not re.search(rb"[\x00\r\n]", octets):
        return quoted(octets)
    return literal(octets)


def nstring(octets: bytes | None, *, utf8: bool = False) -> bytes:
    """A string, or NIL for None."""
    return b"NIL" if octets is None else string(octets, utf8=utf8)


@functools.lru_cache(maxsize=4096)
def mailbox(name: str, *, utf8: bool = False) -> bytes:
    """A mailbox name: UTF-8 once the client enabled that, else modified UTF-7; quoted unless an atom."""
    return astring(name.encode("utf-8") if utf8 else utf7.encode(name), utf8=utf8)


def astring(octets: bytes, *, utf8: bool = False) -> bytes:
    """An atom where that is possible, else a string."""
    return octets if _ATOM.match(octets) and octets.upper() != b"NIL" else string(octets, utf8=utf8)


def parenthesized(items: Iterable[bytes]) -> bytes:
    """(a b c)"""
    return b"(" + b" ".join(items) + b")"


@functools.lru_cache(maxsize=4096)
def _flag_words(flags: int, keywords: int, names: tuple[str, ...], recent: bool) -> bytes:
    words = [f"\\{flag.name}".title().encode() for flag in Flag if flags & flag]
    words += [name.encode("ascii") for bit, name in enumerate(names) if keywords >> bit & 1]
    if recent:
        words.append(b"\\Recent")
    return parenthesized(words)


def flag_list(flags: int, keywords: int = 0, names: tuple[str, ...] = (), *, recent: bool = False) -> bytes:
    """(\\Seen $Junk ...), remembered: a mailbox knows few combinations. `names` are `MailAccount.keywords()`."""
    return _flag_words(flags, keywords, names if keywords else (), recent)


def date_time(seconds: int) -> bytes:
    """INTERNALDATE's form, in UTC."""
    day, clock = divmod(seconds, 86_400)
    minute, second = divmod(clock, 60)
    return b'"%b %b:%02d +0000"' % (_date(day), _MINUTES[minute], second)


@functools.lru_cache(maxsize=4096)
def _date(day: int) -> bytes:
    """17-Jul-1996, remembered: a mailbox has far fewer days than messages."""
    at = datetime.fromtimestamp(day * 86_400, UTC)
    return f"{at.day:2d}-{_MONTHS[at.month - 1]}-{at.year:04d}".encode("ascii")


def numbers(each: Sequence[int]) -> bytes:
    """2 3 5. The encoder spells ten thousand of them in a tenth of the time that formatting takes."""
    return _encode(list(each))[1:-1].replace(b",", b" ")


def uid_set(uids: Sequence[int]) -> bytes:
    """Uids in the given order with ascending neighbors joined: 4,7:9."""
    parts: list[tuple[int, int]] = []
    at = 0
    while at < len(uids):
        start = at
        while at + 1 < len(uids) and uids[at + 1] == uids[at] + 1:
            at += 1
        parts.append((uids[start], uids[at]))
        at += 1
    return ranges(parts)


def ranges(pairs: Iterable[tuple[int, int]]) -> bytes:
    """Firsts and lasts as a set: 4,7:9."""
    return b",".join([b"%d" % first if first == last else b"%d:%d" % (first, last) for first, last in pairs])
