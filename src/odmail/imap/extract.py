"""From a section to the function that writes it for each message.  RFC 9051 6.4.5.1

A header comes with its row, so sections of the outermost header are light; the fields that mail programs list messages
by come as an outline of it. Everything else is read from the body, by offsets found when the message arrived; only as
many octets as the client asked for are ever read.
"""

from collections.abc import Callable, Iterable

import msgspec

from odcore.blob.api import Body
from odmail.imap import writer
from odmail.imap.item import Bound, Light, Octets, Piece
from odmail.imap.section import Extent, Partial, Section, cut, extent, pick_fields
from odmail.mailbox.model import Need, Row, Rows
from odmail.message.model import Part
from odmail.message.outline import NAMES, Picker

_OUTLINED = frozenset(NAMES)
_decode_part = msgspec.msgpack.Decoder(Part).decode


def part_of(row: Row) -> Part:
    """The tree of parts of a row fetched with Need.PART."""
    return _decode_part(row.part)


def label(name: bytes, section: Section, partial: Partial | None) -> bytes:
    """How the response repeats what was asked: the offset, but not the length."""
    origin = b"<%d>" % partial.offset if partial else b""
    return b"%b[%b]%b" % (name, section.written(), origin)


def bind(name: bytes, section: Section, partial: Partial | None, marks_seen: bool = False) -> Bound:
    """The item that writes `name` and the section's octets."""
    if section.text.startswith(b"HEADER") and not section.path:
        names = _names(section)
        outlined = section.text == b"HEADER.FIELDS" and names <= _OUTLINED
        values = _of_outlines(section, names, partial) if outlined else _of_headers(section, partial)
        light = Light(name.replace(b"%", b"%%") + b" %b", values)
        return Bound(Need.OUTLINE if outlined else Need.HEADER, light=lambda _: light, marks_seen=marks_seen)
    if section.path:
        need, bulky = Need.PART | Need.BODY, _writing_part(name, section, partial)
    else:
        need = Need.BODY | Need.PART if section.text else Need.BODY  # header_size comes with the parts
        bulky = _writing_whole(name, section, partial)
    return Bound(need, bulky=bulky, marks_seen=marks_seen)


def pieces(name: bytes, body: Body, area: Extent) -> tuple[Piece, ...]:
    """`name {n}` and the octets."""
    first, end = area
    return b"%b {%d}\r\n" % (name, end - first), Octets(body, first, end)


def _names(section: Section) -> frozenset[bytes]:
    return frozenset(field.lower() for field in section.fields)


def _shortening(section: Section) -> Callable[[bytes], bytes]:
    """What is left of a header when only some fields are wanted."""
    names = _names(section)
    others = section.text.endswith(b".NOT")
    return lambda header: pick_fields(header, names, others)


def _of_headers(section: Section, partial: Partial | None) -> Callable[[Rows], Iterable[bytes]]:
    """The outermost header, or what of it is wanted."""
    write = _writing_text(partial)
    shorten = _shortening(section) if section.fields else None
    return lambda rows: map(write, rows.header if shorten is None else map(shorten, rows.header))


def _of_outlines(
    section: Section, names: frozenset[bytes], partial: Partial | None
) -> Callable[[Rows], Iterable[bytes]]:
    """Fields that outlines have; a message without one comes with its header, and NUL in front."""
    write = _writing_text(partial)
    pick = Picker(names, _shortening(section)).pick
    return lambda rows: map(write, map(pick, rows.outline))


def _writing_text(partial: Partial | None) -> Callable[[bytes], bytes]:
    """As a literal, or that much of it."""

    def write(text: bytes) -> bytes:
        first, end = cut((0, len(text)), partial)
        return writer.literal(text[first:end])

    return writer.literal if partial is None else write


def _writing_whole(name: bytes, section: Section, partial: Partial | None) -> Callable[[Row], Iterable[Piece]]:
    """BODY[] and BODY[TEXT]."""
    text_only = section.text == b"TEXT"

    def write(row: Row) -> Iterable[Piece]:
        body = row.body
        if body is None:
            raise ValueError("the row was fetched without its body")
        return pieces(name, body, cut((row.header_size if text_only else 0, body.size), partial))

    return write


def _writing_part(name: bytes, section: Section, partial: Partial | None) -> Callable[[Row], Iterable[Piece]]:
    """BODY[1.2], BODY[1.2.TEXT], BODY[1.2.HEADER.FIELDS (...)] and the like."""
    shorten = _shortening(section) if section.fields else None

    def write(row: Row) -> Iterable[Piece]:
        area = extent(part_of(row), section)
        body = row.body
        if area is None or body is None:
            return (name + b" NIL",)
        if shorten is None:
            return pieces(name, body, cut(area, partial))
        header = shorten(body.read(area[0], area[1] - area[0]))
        first, end = cut((0, len(header)), partial)
        return (b"%b %b" % (name, writer.literal(header[first:end])),)

    return write
