"""BINARY[...], BINARY.PEEK[...], BINARY.SIZE[...]: parts without their transfer encoding.  RFC 3516, RFC 9051 6.4.5"""

from collections.abc import Iterable

from odcore.errors import Fault, Kind
from odmail.imap import extract
from odmail.imap.binary import ENCODINGS, IDENTITY, Decoded
from odmail.imap.item import Bound, Item, Octets, Piece
from odmail.imap.reader import Reader
from odmail.imap.section import Partial, Section, cut, find, read, read_partial
from odmail.imap.types import BadSyntax
from odmail.mailbox.model import Need, Row


def read_binary(reader: Reader, word: bytes) -> Bound:
    """BINARY[part]<partial>: reading it means having seen the message."""
    return _read(reader, word, marks_seen=True)


def read_peek(reader: Reader, word: bytes) -> Bound:
    """BINARY.PEEK[part]<partial>: answered as BINARY[...]."""
    return _read(reader, word, marks_seen=False)


def read_size(reader: Reader, word: bytes) -> Bound:
    """BINARY.SIZE[part]: the octets BINARY[part] would have."""
    section = _section(reader, word)
    name = extract.label(b"BINARY.SIZE", section, None)

    def write(row: Row) -> Iterable[Piece]:
        part = _part(row, section)
        return (b"%b %d" % (name, part.size if part else 0),)

    return Bound(_NEED, bulky=write)


_NEED = Need.PART | Need.BODY


def _section(reader: Reader, word: bytes) -> Section:
    section = read(reader, word)
    if section.text:
        raise BadSyntax("BINARY takes part numbers only")
    return section


def _read(reader: Reader, word: bytes, *, marks_seen: bool) -> Bound:
    section = _section(reader, word)
    partial = read_partial(reader)
    name = extract.label(b"BINARY", section, partial)

    def write(row: Row) -> Iterable[Piece]:
        part = _part(row, section)
        return (name + b" NIL",) if part is None else _pieces(name, part, partial)

    return Bound(_NEED, bulky=write, marks_seen=marks_seen)


def _part(row: Row, section: Section) -> Decoded | None:
    """The decoded part; None when there is none. Without a number the message itself, as it is."""
    body = row.body
    if body is None:
        return None
    if not section.path:
        return Decoded(body, 0, body.size, "")
    part = find(extract.part_of(row), section.path)
    if part is None:
        return None
    encoding = "" if part.children else part.encoding  # what holds parts cannot be encoded.  RFC 2045 6.4
    if encoding not in ENCODINGS:
        raise Fault(Kind.UNSUPPORTED, "Unknown content transfer encoding")
    return Decoded(body, part.body_start, part.end, "" if encoding in IDENTITY else encoding)


def _pieces(name: bytes, part: Decoded, partial: Partial | None) -> Iterable[Piece]:
    """A literal, or a literal8 where there is a NUL: not all clients that ask for BINARY can read one.  RFC 3516 4.2"""
    first, end = cut((0, part.size), partial)
    tilde = b"~" if part.has_nul else b""
    return b"%b %b{%d}\r\n" % (name, tilde, end - first), Octets(part, first, end, part.has_nul)


ITEMS = (
    Item(b"BINARY[", "3516 4.3", read_binary, "BINARY"),
    Item(b"BINARY.PEEK[", "3516 4.3", read_peek, "BINARY"),
    Item(b"BINARY.SIZE[", "3516 4.3", read_size, "BINARY"),
)
