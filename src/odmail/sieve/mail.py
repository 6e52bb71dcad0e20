"""The message as scripts see it: fields with their decoded text, addresses, parts.  RFC 5228 2.4.2, RFC 5703"""

import mmap

from odmail.message import address, charset, header, markup, transfer
from odmail.message.model import Part

Octets = bytes | memoryview | mmap.mmap

_MOST_PARTS = 10_000

_AROUND = 1 << 20
"""Octets around the parts of a multipart that are looked at."""


class Field:
    """One header field, its text decoded when first needed."""

    __slots__ = ("_text", "name", "raw")

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name  # in lower case
        self.raw = raw  # the whole of it, line end included
        self._text: str | None = None

    @property
    def body(self) -> bytes:
        """Unfolded, without the name."""
        return header.unfold(self.raw.replace(b"\0", b"")).partition(b":")[2].strip()

    @property
    def text(self) -> str:
        """As a person reads it."""
        if self._text is None:
            self._text = header.decode(self.body)
        return self._text

    def addresses(self) -> list[str]:
        """The plain addresses in it."""
        found = address.parse(self.body)
        return [each.spec for each in found if each.spec]


class Fields:
    """A header block."""

    def __init__(self, block: bytes) -> None:
        self._fields: list[Field] | None = None
        self._block = block
        self.edited = False

    @property
    def all(self) -> list[Field]:
        """In order."""
        if self._fields is None:
            spans = header.spans(self._block[: header.MAX_BLOCK])
            self._fields = [Field(name.decode("latin-1"), self._block[start:end]) for name, start, end in spans]
        return self._fields

    def named(self, name: str) -> list[Field]:
        """Those of this name, in order."""
        key = name.lower()
        return [field for field in self.all if field.name == key]

    def add(self, name: str, raw: bytes, *, last: bool) -> None:
        """A new field, first or last of all."""
        self.all.insert(len(self.all) if last else 0, Field(name.lower(), raw))
        self.edited = True

    def remove(self, field: Field) -> None:
        """A field is no more."""
        self.all.remove(field)
        self.edited = True

    def block(self) -> bytes:
        """All of it with the empty line."""
        if not self.edited:
            return self._block
        beyond = self._block[header.MAX_BLOCK :]  # was not looked at
        return b"".join([*(field.raw for field in self.all), beyond or b"\r\n"])


class Entity:
    """The message, or a part of it."""

    __slots__ = ("_fields", "_octets", "part")

    def __init__(self, octets: Octets, part: Part) -> None:
        self._octets = octets
        self.part = part
        self._fields: Fields | None = None

    @property
    def fields(self) -> Fields:
        """Its header."""
        if self._fields is None:
            self._fields = Fields(bytes(self._octets[self.part.header_start : self.part.body_start]))
        return self._fields

    @property
    def type(self) -> str:
        """`text/plain`."""
        return f"{self.part.kind}/{self.part.subtype}"

    @property
    def children(self) -> "list[Entity]":
        """The parts of a multipart, the message in a message."""
        return [Entity(self._octets, each) for each in self.part.children]

    @property
    def within(self) -> "list[Entity]":
        """This part, then all that are in it, depth first."""
        found: list[Entity] = []
        waiting = [self]
        while waiting and len(found) < _MOST_PARTS:
            each = waiting.pop()
            found.append(each)
            waiting.extend(reversed(each.children))
        return found

    def raw(self, most: int) -> str:
        """The body as it stands."""
        return charset.guess(self._body(most))

    def content(self, most: int) -> str:
        """The body with its transfer encoding undone, as UTF-8 where it is text."""
        part = self.part
        octets = transfer.decode(self._body(2 * most), part.encoding)[:most]
        return charset.decode(octets, part.charset)

    @property
    def has_body(self) -> bool:
        """Did an empty line end its header?"""
        start = max(self.part.header_start, self.part.body_start - 4)
        octets = bytes(self._octets[start : self.part.body_start])
        return octets.endswith((b"\n\r\n", b"\n\n")) or octets in (b"\r\n", b"\n")

    @property
    def around(self) -> list[str]:
        """Of a multipart: what stands before its first part, and behind its last.  RFC 5173 5.2"""
        part = self.part
        if not part.children:
            return []
        before = self._octets[part.body_start : min(part.children[0].header_start, part.body_start + _AROUND)]
        behind = self._octets[part.children[-1].end : min(part.end, part.children[-1].end + _AROUND)]
        prologue = bytes(before).rpartition(b"\n--")[0]
        epilogue = bytes(behind).lstrip(b"\r\n").partition(b"\n")[2]
        return [charset.guess(prologue), charset.guess(epilogue)]

    def text(self, most: int) -> str:
        """What a reader sees of a text part."""
        found = self.content(most)
        return markup.text(found) if self.part.subtype in ("html", "xhtml+xml") else found

    def _body(self, most: int) -> bytes:
        return bytes(self._octets[self.part.body_start : min(self.part.end, self.part.body_start + most)])


class Mail(Entity):
    """The whole message."""

    __slots__ = ("_size",)

    def __init__(self, octets: Octets, part: Part) -> None:
        super().__init__(octets, part)
        self._size = len(octets)

    @property
    def size(self) -> int:
        """Octets, what scripts changed included."""
        if self._fields is None or not self._fields.edited:
            return self._size
        return self._size - self.part.body_start + len(self._fields.block())
