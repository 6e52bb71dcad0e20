"""Files inside winmail.dat, as Outlook packs them.  MS-OXTNEF 2.1"""

import struct
from collections.abc import Iterator
from functools import partial

from odmail.filter.attachment.budget import Budget, Damaged
from odmail.filter.attachment.entry import Entry

MAGIC = (b"\x78\x9f\x3e\x22",)
_ATTACHMENT = 2
_BEGINS, _TITLE, _DATA = 0x00069002, 0x00018010, 0x0006800F


def entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    """Each attachment's title and data. Raises Damaged where an attribute does not fit."""
    at, title, data = 6, "", b""
    while at + 9 <= len(octets):
        budget.entry()
        level, attribute, size = struct.unpack_from("<BII", octets, at)
        if at + 11 + size > len(octets):
            raise Damaged("cut short")
        value = octets[at + 9 : at + 9 + size]
        at += 11 + size
        if level != _ATTACHMENT:
            continue
        if attribute == _BEGINS:
            if title or data:
                yield Entry(title, read=partial(_read, data))
            title, data = "", b""
        elif attribute == _TITLE:
            title = value.rstrip(b"\0").decode("utf-8", "replace")
        elif attribute == _DATA:
            data = value
    if title or data:
        yield Entry(title, read=partial(_read, data))


def _read(content: bytes, most: int) -> bytes:
    return content if most < 0 else content[:most]
