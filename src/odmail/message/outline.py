"""The outline of a header: the fields that mail programs list messages by, cut out once so that nobody reads the
whole header for them.  RFC 9051 6.4.5.1

An outline begins with a count, one more than it has fields, and which field each is, in the order of the header. Then
it says in two octets each where every field begins and the last one ends. The fields follow as they stand, but for NUL,
which no reply can carry: 0x80 stands for it.  RFC 9051 4.3
"""

import re
from collections.abc import Callable, Sequence
from itertools import accumulate
from struct import Struct
from typing import Any

NAMES = (
    *b"from sender reply-to to cc bcc subject date message-id in-reply-to references newsgroups received".split(),
    *b"content-type content-class content-description content-duration mime-version lines".split(),
    *b"priority importance x-priority x-msmail-priority disposition-notification-to".split(),
    *b"list-id list-post list-subscribe list-unsubscribe list-unsubscribe-post list-archive".split(),
    *b"list-help list-owner mailing-list originator return-path x-beenthere x-list x-loop x-mailing-list".split(),
    *b"authentication-results dkim-signature received-spf x-spam-flag x-spam-status".split(),
    *b"bimi-indicator bimi-location x-bimi-indicator-hash".split(),
    *b"x-label x-keywords x-original-to x-ref x-msoesrec".split(),
    *b"x-uniform-type-identifier x-universally-unique-identifier x-mail-created-date".split(),
    *b"x-k9mail-identity x-chunk-id x-evolution-source x-calendar-attachment".split(),
)
"""In lower case. A place in this list stands in outlines for ever: more are added at its end, and a revision makes all
outlines anew."""

_LAYOUTS = 1000
"""So many a picker remembers: the fields outlines have, and which of them it takes."""

_MOST = 254
_LARGEST = (1 << 16) - 1
_NUMBERS = {name: number for number, name in enumerate(NAMES)}
_FIELD_END = re.compile(rb"\n(?![ \t])")
_BEGINNINGS: Sequence[Callable[..., tuple[Any, ...]]] = [Struct(f"<{count}H").unpack_from for count in range(_MOST + 2)]

Runs = tuple[tuple[int, int], ...]


def split(block: bytes) -> list[bytes]:
    """The fields of a header block without their last line feed, and whatever else stands between two of them."""
    parts = _FIELD_END.split(block)
    if parts[-1]:  # the block ends without an end of line, and so without an empty line
        parts[-1] += b"\r"
    return parts


def name_of(field: bytes) -> bytes:
    """In lower case."""
    return field.partition(b":")[0].rstrip().lower()


def draw(block: bytes) -> bytes | None:
    """The outline of a header; None where it would be too long."""
    kept = [(number, field) for field in split(block) if (number := _NUMBERS.get(name_of(field))) is not None]
    count = len(kept) + 1
    text = b"".join([field + b"\n" for _, field in kept]).replace(b"\0", b"\x80")
    if len(kept) > _MOST or 3 * count + len(text) > _LARGEST:
        return None
    beginnings = accumulate((len(field) + 1 for _, field in kept), initial=3 * count)
    return bytes((count, *(number for number, _ in kept))) + Struct(f"<{count}H").pack(*beginnings) + text


class Picker:
    """Takes the fields with these lower-case names out of outlines. `otherwise` is given what is none: what stands
    behind NUL."""

    def __init__(self, names: frozenset[bytes], otherwise: Callable[[bytes], bytes]) -> None:
        self._wanted = bytes(number < len(NAMES) and NAMES[number] in names for number in range(256))
        self._known: dict[bytes, Runs] = {}  # by the fields an outline has: those of a mailbox are much alike
        self._otherwise = otherwise

    def pick(self, outline: bytes) -> bytes:
        """As they stand, and an empty line."""
        count = outline[0]
        if not count:
            return self._otherwise(outline[1:])
        which = outline[1:count]
        runs = self._known.get(which)
        if runs is None:
            if len(self._known) >= _LAYOUTS:
                self._known.clear()
            runs = self._known[which] = _runs(which.translate(self._wanted))
        at = _BEGINNINGS[count](outline, count)
        if len(runs) == 1:
            first, end = runs[0]
            return outline[at[first] : at[end]] + b"\r\n"
        return b"".join([outline[at[first] : at[end]] for first, end in runs]) + b"\r\n"


def _runs(marks: bytes) -> Runs:
    """Where ones stand together: the first place and the one behind the last."""
    found: list[tuple[int, int]] = []
    first = marks.find(1)
    while first >= 0:
        end = marks.find(0, first)
        end = end if end >= 0 else len(marks)
        found.append((first, end))
        first = marks.find(1, end)
    return tuple(found)
