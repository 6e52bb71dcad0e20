"""Names in RAR archives, formats 4 and 5. What is packed stays packed."""

import struct
from collections.abc import Iterator

from odmail.filter.attachment.budget import Budget, Damaged
from odmail.filter.attachment.entry import Entry

MAGIC_4, MAGIC_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
MAGIC = (MAGIC_4, MAGIC_5)
_FILE_4, _MAIN_4, _END_4 = 0x74, 0x73, 0x7B
_FILE_5, _CRYPT_5, _END_5 = 2, 4, 5


def entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    """Raises Damaged where a header does not fit."""
    try:
        yield from _entries_5(octets, budget) if octets.startswith(MAGIC_5) else _entries_4(octets, budget)
    except (struct.error, IndexError) as error:
        raise Damaged(str(error)) from None


def _entries_4(octets: bytes, budget: Budget) -> Iterator[Entry]:
    at = len(MAGIC_4)
    while at + 7 <= len(octets):
        budget.entry()
        kind, flags, size = struct.unpack_from("<xxBHH", octets, at)
        if kind == _END_4 or size < 7:
            return
        packed = struct.unpack_from("<I", octets, at + 7)[0] if flags & 0x8000 or kind == _FILE_4 else 0
        if kind == _MAIN_4 and flags & 0x80:
            yield Entry("", encrypted=True)
            return
        if kind == _FILE_4:
            (length,) = struct.unpack_from("<H", octets, at + 26)
            start = at + 32 + (8 if flags & 0x100 else 0)
            if flags & 0x100:
                packed += struct.unpack_from("<I", octets, at + 32)[0] << 32
            name = octets[start : start + length].partition(b"\0")[0]
            yield Entry(name.decode("utf-8", "replace"), bool(flags & 0x04))
        at += size + packed


def _entries_5(octets: bytes, budget: Budget) -> Iterator[Entry]:
    at = len(MAGIC_5)
    while at + 7 <= len(octets):
        budget.entry()
        size, start = _number(octets, at + 4)
        kind, here = _number(octets, start)
        flags, here = _number(octets, here)
        extra = packed = 0
        if flags & 1:
            extra, here = _number(octets, here)
        if flags & 2:
            packed, here = _number(octets, here)
        if kind == _END_5 or size == 0:
            return
        if kind == _CRYPT_5:
            yield Entry("", encrypted=True)
            return
        if kind == _FILE_5:
            end = start + size
            yield Entry(_name_5(octets, here), _is_encrypted(octets, end - extra, end))
        at = start + size + packed


def _name_5(octets: bytes, at: int) -> str:
    flags, at = _number(octets, at)
    _, at = _number(octets, at)  # unpacked size
    _, at = _number(octets, at)  # attributes
    at += (4 if flags & 2 else 0) + (4 if flags & 4 else 0)
    _, at = _number(octets, at)  # method
    _, at = _number(octets, at)  # system
    length, at = _number(octets, at)
    return octets[at : at + length].decode("utf-8", "replace")


def _is_encrypted(octets: bytes, at: int, end: int) -> bool:
    """Is there an encryption record among the extra ones?"""
    while at < end:
        size, start = _number(octets, at)
        kind, _ = _number(octets, start)
        if kind == 1:
            return True
        at = start + max(size, 1)
    return False


def _number(octets: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer and what follows it."""
    value = shift = 0
    while True:
        octet = octets[at]
        value |= (octet & 127) << shift
        at, shift = at + 1, shift + 7
        if octet < 128:
            return value, at
        if shift > 63:
            raise IndexError("a number without end")
