"""FLAGS in FETCH responses, asked for or told of.  RFC 9051 7.5.2, RFC 7162 3.2.4"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain
from typing import Protocol

from odmail.imap import writer
from odmail.imap.names import may as may_set
from odmail.mailbox.model import MOST_KEYWORDS, Flag, Rows

SYSTEM_FLAGS = tuple(f"\\{flag.name}".title().encode() for flag in Flag)


class Flagged(Protocol):
    """Whatever has flags: a row of the store, a change, what a session last told its client."""

    @property
    def uid(self) -> int:
        """The message's uid."""

    @property
    def flags(self) -> int:
        """System flags."""

    @property
    def keywords(self) -> int:
        """Keywords by bit."""

    @property
    def modseq(self) -> int:
        """When it last changed."""


class Writing:
    """Writes `FLAGS (...)` of messages and remembers each combination it has met.

    `names` are the account's keywords; messages from uid `recent_from` on carry \\Recent.
    """

    def __init__(self, names: tuple[str, ...], recent_from: int) -> None:
        self._recent_from = recent_from
        self._old, self._recent = _Known(names, recent=False), _Known(names, recent=True)

    def __call__(self, message: Flagged) -> bytes:
        known = self._recent if message.uid >= self._recent_from else self._old
        return known[message.flags, message.keywords]

    def column(self, rows: Rows) -> Iterable[bytes]:
        """The same of many messages, ascending by uid."""
        both = zip(rows.flags, rows.keywords, strict=True)
        recent = bisect_left(rows.uid, self._recent_from)
        if recent == len(rows):
            return map(self._old.__getitem__, both)
        pairs = list(both)
        return chain(map(self._old.__getitem__, pairs[:recent]), map(self._recent.__getitem__, pairs[recent:]))


class _Known(dict[tuple[int, int], bytes]):
    """What is written for flags and keywords."""

    def __init__(self, names: tuple[str, ...], *, recent: bool) -> None:
        super().__init__()
        self._names = names
        self._is_recent = recent

    def __missing__(self, key: tuple[int, int]) -> bytes:
        written = self[key] = b"FLAGS " + writer.flag_list(*key, self._names, recent=self._is_recent)
        return written


def changed(number: int, message: Flagged, write: Writing, *, modseq: bool) -> bytes:
    """`* n FETCH` for flags that changed. Once the client knows CONDSTORE it carries the modseq, too."""
    if modseq:
        return b"* %d FETCH (UID %d %b MODSEQ (%d))\r\n" % (number, message.uid, write(message), message.modseq)
    return b"* %d FETCH (UID %d %b)\r\n" % (number, message.uid, write(message))


def possible(names: tuple[str, ...]) -> bytes:
    """(\\Answered ... $Junk): what may stand in a mailbox's flags."""
    return writer.parenthesized((*SYSTEM_FLAGS, *(name.encode("ascii") for name in names)))


def lasting(names: tuple[str, ...], rights: str, *, writable: bool) -> bytes:
    """* FLAGS and PERMANENTFLAGS as these rights have it.  RFC 4314 5.1.1"""
    kept: list[bytes] = []
    may = may_set(rights) if writable else None
    if may is not None:
        kept = [word for flag, word in zip(Flag, SYSTEM_FLAGS, strict=True) if may.flags & flag]
        if may.keywords:
            more = (b"\\*",) if len(names) < MOST_KEYWORDS else ()  # may clients make more of them?  RFC 9051 7.1
            kept += [*(name.encode("ascii") for name in names), *more]
    words = possible(names), writer.parenthesized(kept)
    return b"* FLAGS %b\r\n* OK [PERMANENTFLAGS %b] Flags that stay\r\n" % words
