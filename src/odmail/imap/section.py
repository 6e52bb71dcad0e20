"""Sections of a message: which octets `BODY[1.2.HEADER.FIELDS (To)]<0.100>` names.  RFC 9051 6.4.5.1"""

import re
from itertools import takewhile

import msgspec

from odmail.imap import writer
from odmail.imap.reader import Reader
from odmail.imap.types import BadSyntax
from odmail.message.model import Part
from odmail.message.outline import name_of, split

_TEXTS = frozenset((b"", b"HEADER", b"HEADER.FIELDS", b"HEADER.FIELDS.NOT", b"TEXT", b"MIME"))
_NUMBER = re.compile(rb"[1-9][0-9]{0,9}")
_PLAIN = re.compile(rb"[A-Za-z0-9_-]+")


class Section(msgspec.Struct, frozen=True):
    """What stands between the brackets."""

    path: tuple[int, ...] = ()
    text: bytes = b""  # one of _TEXTS
    fields: tuple[bytes, ...] = ()  # as the client spelled them

    def written(self) -> bytes:
        """As it is repeated in the response."""
        words = [b"%d" % number for number in self.path]
        if self.text:
            words.append(self.text)
        spelled = b".".join(words)
        if not self.fields:
            return spelled
        names = (name if _PLAIN.fullmatch(name) else writer.string(name) for name in self.fields)
        return b"%b %b" % (spelled, writer.parenthesized(names))


class Partial(msgspec.Struct, frozen=True):
    """`<offset.length>`: at most that many octets."""

    offset: int
    length: int


def read(reader: Reader, start: bytes) -> Section:
    """The section whose first word `start` has been read already, and the closing bracket."""
    words = start.upper().split(b".") if start else []
    path = [int(word) for word in takewhile(_NUMBER.fullmatch, words)]
    text = b".".join(words[len(path) :])
    if text not in _TEXTS or (text == b"MIME" and not path) or start.endswith(b"."):
        raise BadSyntax("unknown section")
    fields: tuple[bytes, ...] = ()
    if text.startswith(b"HEADER.FIELDS"):
        reader.space()
        fields = tuple(reader.list_of(reader.astring, empty=False))
    reader.expect(b"]")
    return Section(tuple(path), text, fields)


def read_partial(reader: Reader) -> Partial | None:
    """`<offset.length>`, if it is there.  RFC 9051 9 partial"""
    if not reader.take(b"<"):
        return None
    offset = reader.number64()
    reader.expect(b".")
    length = reader.number64()
    if not length:
        raise BadSyntax("nothing is asked for")
    reader.expect(b">")
    return Partial(offset, length)


Extent = tuple[int, int]
"""First octet and the one after the last."""


def find(root: Part, path: tuple[int, ...]) -> Part | None:
    """The part with this number, None when there is none."""
    holder: Part | None = root
    part = root
    for number in path:
        if holder is None:
            return None
        if holder.kind == "multipart":
            if number > len(holder.children):
                return None
            part = holder.children[number - 1]
        elif number == 1:  # the body of a message that is no multipart is its part 1
            part = holder
        else:
            return None
        holder = part if part.kind == "multipart" else message_in(part)
    return part


def message_in(part: Part) -> Part | None:
    """The body of the message a message/rfc822 part holds, None for any other part."""
    return part.children[0] if part.kind == "message" and part.children else None


def extent(root: Part, section: Section) -> Extent | None:
    """Where the section lies in the message; None when the message has no such part."""
    part = find(root, section.path)
    if part is None:
        return None
    if not section.text:
        return part.body_start, part.end
    if section.text == b"MIME":
        return part.header_start, part.body_start
    inner = message_in(part) if section.path else root
    if inner is None:
        return None
    return (inner.body_start, inner.end) if section.text == b"TEXT" else (inner.header_start, inner.body_start)


def cut(area: Extent, partial: Partial | None) -> Extent:
    """The area, or that much of it as the client wants."""
    if partial is None:
        return area
    first = min(area[0] + partial.offset, area[1])
    return first, min(first + partial.length, area[1])


def pick_fields(header: bytes, names: frozenset[bytes], others: bool = False) -> bytes:
    """The fields with these lower-case names (or, for `others`, without), as they stand, and an empty line."""
    kept = [field for field in split(header) if (name_of(field) in names) is not others]
    if others:  # the empty line that ends the header is none of the fields
        kept = [field for field in kept if field.rstrip()]
    kept.append(b"\r\n")
    return b"\n".join(kept)
