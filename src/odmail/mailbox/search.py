"""The search criteria tree, as IMAP's SEARCH keys mean it but free of syntax.  RFC 9051 6.4.4

Sequence numbers are turned into uids before a tree is built. Dates are days (midnight UTC of the stated day,
seconds since the epoch) and compare the day only, disregarding time and zone.
"""

from collections.abc import Sequence

import msgspec


class All(msgspec.Struct, frozen=True, tag=True):
    """Every message."""


class Uids(msgspec.Struct, frozen=True, tag=True):
    """Messages whose uid lies in one of the ranges (both ends included)."""

    ranges: Sequence[tuple[int, int]]


class HasFlags(msgspec.Struct, frozen=True, tag=True):
    """Messages with all the given Flag bits set (or, when `on` is false, with none of them)."""

    flags: int
    on: bool = True


class HasKeyword(msgspec.Struct, frozen=True, tag=True):
    """KEYWORD and UNKEYWORD; names compare without regard to ASCII case."""

    name: str
    on: bool = True


class Size(msgspec.Struct, frozen=True, tag=True):
    """LARGER (size > octets) and SMALLER (size < octets)."""

    octets: int
    larger: bool


class Day(msgspec.Struct, frozen=True, tag=True):
    """BEFORE/ON/SINCE on `field`: "received" (INTERNALDATE), "sent" (Date field) or "saved" (SAVEDATE).

    `relation` is "before", "on" or "since".
    """

    field: str
    relation: str
    day: int


class Within(msgspec.Struct, frozen=True, tag=True):
    """OLDER and YOUNGER by `seconds` of now.  RFC 5032"""

    seconds: int
    younger: bool


class Header(msgspec.Struct, frozen=True, tag=True):
    """A header field whose decoded text holds `text`; an empty `text` asks only for the field.

    FROM, TO, CC, BCC and SUBJECT arrive as this, too.
    """

    name: str  # lower case
    text: str


class Text(msgspec.Struct, frozen=True, tag=True):
    """BODY (`header` false) or TEXT (`header` true): a substring of the decoded text, in any script."""

    text: str
    header: bool


class ModSeq(msgspec.Struct, frozen=True, tag=True):
    """Messages with a modseq of at least this.  RFC 7162 3.1.5"""

    modseq: int


class EmailId(msgspec.Struct, frozen=True, tag=True):
    """RFC 8474: the message with this key, without its "M"."""

    message: int


class ThreadId(msgspec.Struct, frozen=True, tag=True):
    """RFC 8474: the messages of this thread, without its "T"."""

    thread: int


class SaveDateSupported(msgspec.Struct, frozen=True, tag=True):
    """RFC 8514: true for every mailbox of ours."""


class And(msgspec.Struct, frozen=True, tag=True):
    """All of `parts`."""

    parts: "Sequence[Criterion]"


class Or(msgspec.Struct, frozen=True, tag=True):
    """Any of `parts`."""

    parts: "Sequence[Criterion]"


class Not(msgspec.Struct, frozen=True, tag=True):
    """Not `part`."""

    part: "Criterion"


Criterion = (
    All
    | Uids
    | HasFlags
    | HasKeyword
    | Size
    | Day
    | Within
    | Header
    | Text
    | ModSeq
    | EmailId
    | ThreadId
    | SaveDateSupported
    | And
    | Or
    | Not
)
