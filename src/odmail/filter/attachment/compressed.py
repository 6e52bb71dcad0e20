"""One file, compressed: gzip, bzip2, xz.  RFC 1952"""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Any

from odmail.filter.attachment.budget import Budget, Damaged

_GZIP, _BZIP2, _XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"
MAGIC = (_GZIP, _BZIP2, _XZ)
_BLOCK = 1 << 20
_LARGEST_WINDOW = 80 << 20


def unpack(octets: bytes, budget: Budget) -> bytes:
    """All of it. Raises Bomb when that is too much, Damaged when it is none."""
    found: list[bytes] = []
    total = 0
    try:
        for piece in _pieces(octets):
            total += len(piece)
            budget.unpacked(len(piece), len(octets), total)
            found.append(piece)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        if not found:
            raise Damaged(str(error)) from None
    return b"".join(found)


def _pieces(octets: bytes) -> Iterator[bytes]:
    if octets.startswith(_GZIP):
        inflate = zlib.decompressobj(wbits=31)
        rest = octets
        while rest and not inflate.eof:
            yield inflate.decompress(rest, _BLOCK)
            rest = inflate.unconsumed_tail
        return
    unpacker: Any = (
        bz2.BZ2Decompressor() if octets.startswith(_BZIP2) else lzma.LZMADecompressor(memlimit=_LARGEST_WINDOW)
    )
    rest = octets
    while not unpacker.eof:
        piece = unpacker.decompress(rest, _BLOCK)
        rest = b""
        if not piece and unpacker.needs_input:
            return
        yield piece
