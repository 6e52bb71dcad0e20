"""The one document inside a message: gzip or zip or bare, and never more of it than we want to read.  RFC 1952, A70"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator

from odcore.errors import Fault, Kind
from odmail.message import transfer
from odmail.message.model import Part
from odmail.message.parse import parse

LARGEST = 16 << 20
"""Octets of a document: a hundred thousand rows of the largest domain."""

_LARGEST_PACKED = 8 << 20
_MOST_PARTS = 20
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


def documents(octets: bytes) -> Iterator[bytes]:
    """What may be a report, unpacked. Fault TOO_BIG for a bomb, BAD_REQUEST for what is damaged."""
    for part in _leaves(parse(octets).part):
        if part.end - part.body_start > _LARGEST_PACKED * 4 // 3 + 1024:
            raise Fault(Kind.TOO_BIG, "The report is too large.")
        body = transfer.decode(octets[part.body_start : part.end], part.encoding)
        if body.startswith(_GZIP):
            yield _gunzip(body)
        elif body.startswith(_ZIP):
            yield _unzip(body)
        elif part.kind != "text" or part.subtype in ("xml", "json"):
            yield body[: LARGEST + 1]


def _leaves(root: Part) -> Iterable[Part]:
    waiting, found = [root], list[Part]()
    while waiting and len(found) < _MOST_PARTS:
        part = waiting.pop(0)
        if part.children and part.kind == "multipart":
            waiting = [*part.children, *waiting]
        else:
            found.append(part)
    return found


def _gunzip(octets: bytes) -> bytes:
    machine = zlib.decompressobj(wbits=31)
    try:
        found = machine.decompress(octets, LARGEST)
    except zlib.error as error:
        raise Fault(Kind.BAD_REQUEST, f"The report cannot be unpacked: {error}.") from None
    if machine.unconsumed_tail:
        raise Fault(Kind.TOO_BIG, "The report is too large once unpacked.")
    if not machine.eof:
        raise Fault(Kind.BAD_REQUEST, "The report is cut short.")
    return found


def _unzip(octets: bytes) -> bytes:
    """The first file of an archive: there is one in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            names = archive.infolist()
            if not names:
                raise Fault(Kind.BAD_REQUEST, "The report's archive is empty.")
            with archive.open(names[0]) as file:
                found = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError, ValueError) as error:
        raise Fault(Kind.BAD_REQUEST, f"The report cannot be unpacked: {error}.") from None
    if len(found) > LARGEST:
        raise Fault(Kind.TOO_BIG, "The report is too large once unpacked.")
    return found
