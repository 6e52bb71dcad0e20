"""ZIP archives, and all that is one inside: OOXML, OpenDocument, Java.  APPNOTE 6.3"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from io import BytesIO

from odmail.filter.attachment.budget import Bomb, Budget, Damaged
from odmail.filter.attachment.entry import Entry

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_END = b"PK\x05\x06"
_LARGEST_DIRECTORY = 2 << 20
_BLOCK = 65536


def entries(octets: bytes, budget: Budget) -> Iterator[Entry]:
    """Raises Bomb before a directory of absurd size is read, Damaged for what is no archive."""
    at = octets.rfind(_END, max(0, len(octets) - 65557))
    if at < 0 or len(octets) < at + 22:
        raise Damaged("no directory")
    (size,) = struct.unpack_from("<I", octets, at + 12)
    if size > _LARGEST_DIRECTORY:
        raise Bomb("a directory too large")
    try:
        archive = zipfile.ZipFile(BytesIO(octets))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError) as error:
        raise Damaged(str(error)) from None
    for info in archive.infolist():
        budget.entry()
        if info.is_dir():
            continue
        budget.announced(info.file_size, info.compress_size)
        encrypted = bool(info.flag_bits & 1)
        yield Entry(info.filename, encrypted, None if encrypted else partial(_read, archive, info, budget))


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, most: int) -> bytes:
    found: list[bytes] = []
    total = 0
    try:
        with archive.open(info) as file:
            while most < 0 or total < most:
                block = file.read(_BLOCK if most < 0 else min(_BLOCK, most - total))
                if not block:
                    break
                found.append(block)
                total += len(block)
                budget.unpacked(len(block), info.compress_size, total)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError, ValueError) as error:
        raise Damaged(str(error)) from None
    return b"".join(found)
