"""Files in tar archives.  POSIX.1-2017 pax, ustar"""

from collections.abc import Iterator
from functools import partial

from odmail.filter.attachment.budget import Budget, Damaged
from odmail.filter.attachment.entry import Entry

_BLOCK = 512
_LONG_NAME, _FILES = b"L", (b"0", b"\0", b"7")


def is_one(start: bytes) -> bool:
    """By the magic behind the first header."""
    return start[257:262] == b"ustar"


def entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    """Raises Damaged where a size is none."""
    at, long_name = 0, ""
    while at + _BLOCK <= len(octets):
        header = octets[at : at + _BLOCK]
        if not header.strip(b"\0"):
            return
        budget.entry()
        try:
            size = int(header[124:136].strip(b"\0 ") or b"0", 8)
        except ValueError:
            raise Damaged("no size") from None
        if size < 0:
            raise Damaged("no size")
        content = octets[at + _BLOCK : at + _BLOCK + size]
        at += _BLOCK + -(-size // _BLOCK) * _BLOCK
        if header[156:157] == _LONG_NAME:
            long_name = content.rstrip(b"\0").decode("utf-8", "replace")
        elif header[156:157] in _FILES:
            name = b"/".join(filter(None, (header[345:500].rstrip(b"\0"), header[:100].rstrip(b"\0"))))
            yield Entry(long_name or name.decode("utf-8", "replace"), read=partial(_read, content))
            long_name = ""


def _read(content: bytes, most: int) -> bytes:
    return content if most < 0 else content[:most]
