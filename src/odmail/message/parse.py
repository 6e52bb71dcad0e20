"""A message read once: offsets of every part, envelope, body structure, keys.  RFC 5322, RFC 2045-2049

No recursion and no copy of the body: parts are windows into the octets, boundaries are sought with `find` from the
outermost multipart inwards, and the structure of a part is written when its last child has been read. Every octet
is visited at most once per level, and there are at most DEPTH levels. Any octets whatever give a result.
"""

import mmap
import re

from odmail.message import date, envelope, filename, header, parameters, preview, sortkeys, structure, subject, thread
from odmail.message.envelope import Addresses
from odmail.message.model import Parsed, Part
from odmail.message.parameters import Parameters

DEPTH = 100
PARTS = 10_000
LONGEST_BOUNDARY = 2_048

Octets = bytes | mmap.mmap

_MIME = frozenset(
    b"content-type content-transfer-encoding content-disposition content-id content-description"
    b" content-md5 content-language content-location".split()
)
_ALL = _MIME | envelope.FIELDS | {b"references"}
_PLAIN = (b"text", b"plain")
_RFC822 = (b"message", b"rfc822")
_OPAQUE = (b"application", b"octet-stream")
_TYPE = re.compile(rb"([!#-'*+.0-9^-~-]++)/([!#-'*+.0-9^-~-]++)\Z")  # lower case
_NOWHERE = b"\n--\n"  # instead of a boundary that is missing or too long
_DELIMITER_END = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_LINES_AT_ONCE = 1 << 18


def parse(data: bytes | memoryview | mmap.mmap) -> Parsed:
    """Everything the store keeps of a message. Never raises, whatever the octets."""
    octets = _searchable(data)
    scan = _Scan(octets)
    root, shape = scan.run()
    fields = scan.fields
    addresses = Addresses(fields)
    moment = date.parse(fields.get(b"date", b""))
    base = subject.base(fields.get(b"subject", b""))
    return Parsed(
        size=len(octets),
        header_size=root.body_start,
        envelope=envelope.build(fields, addresses),
        structure=shape,
        part=root,
        preview=preview.of(root, lambda offset, length: octets[offset : offset + length]),
        message_id=thread.message_id(fields.get(b"message-id", b"")),
        references=thread.references(fields),
        base_subject=base,
        sent=moment.instant if moment else None,
        sort=sortkeys.build(base, addresses),
        attachments=scan.attachments,
        reply=subject.is_reply(fields.get(b"subject", b"")),
        sent_day=moment.day if moment else None,
    )


def _searchable(data: bytes | memoryview | mmap.mmap) -> Octets:
    """The object behind a view of all of it, as a memoryview cannot be searched."""
    if not isinstance(data, memoryview):
        return data
    base = data.obj
    if isinstance(base, bytes | mmap.mmap) and data.contiguous and data.nbytes == len(base):
        return base
    return bytes(data)


class _Entity:
    """A header read: what the part is and where it lies."""

    __slots__ = ("body_start", "end", "fields", "kind", "params", "start", "subtype")

    def __init__(self, start: int, body_start: int, end: int) -> None:
        self.start, self.body_start, self.end = start, body_start, end
        self.fields: dict[bytes, bytes] = {}
        self.kind, self.subtype = _PLAIN
        self.params: Parameters = []


class _Open:
    """A multipart or message/rfc822 whose children are still being read."""

    __slots__ = ("boundary", "children", "cursor", "entity", "fields", "shapes")

    def __init__(self, entity: _Entity, boundary: bytes) -> None:
        self.entity = entity
        self.boundary = boundary  # with "\n--" before it; empty for message/rfc822
        self.cursor = entity.body_start  # where the next child begins, -1 when there is none
        self.children: list[Part] = []
        self.shapes: list[bytes] = []
        self.fields: dict[bytes, bytes] = {}  # of the message inside a message/rfc822


class _Scan:
    """One pass over one message."""

    __slots__ = ("attachments", "data", "enclosed", "fields", "open", "parts")

    def __init__(self, data: Octets) -> None:
        self.data = data
        self.open: list[_Open] = []
        self.parts = 0
        self.attachments = 0
        self.enclosed = 0  # how many message/rfc822 parts we are inside of
        self.fields: dict[bytes, bytes] = {}  # of the outermost message

    def run(self) -> tuple[Part, bytes]:
        """The tree and its body structure."""
        entity = self._read_header(0, len(self.data), _PLAIN, _ALL)
        self.fields = entity.fields
        while True:
            opened = self._descend(entity)
            if opened is not None:
                self.open.append(opened)
                entity = self._first_child(opened)
                continue
            part, shape = self._leaf(entity)
            while True:
                if not self.open:
                    return part, shape
                parent = self.open[-1]
                parent.children.append(part)
                parent.shapes.append(shape)
                sibling = self._next_child(parent)
                if sibling is not None:
                    entity = sibling
                    break
                part, shape = self._close(self.open.pop())

    def _read_header(self, start: int, end: int, default: tuple[bytes, bytes], wanted: frozenset[bytes]) -> _Entity:
        self.parts += 1
        entity = _Entity(start, _body_start(self.data, start, end), end)
        block = self.data[start : min(entity.body_start, start + header.MAX_BLOCK)]
        entity.fields = fields = header.index(block, wanted)
        entity.kind, entity.subtype = default
        stated = fields.get(b"content-type")
        if stated is not None:
            value, params = parameters.parse(stated)
            entity.params = parameters.joined(params)
            # RFC 2045 5.2: what cannot be understood is plain text, but its charset may be right
            match = _TYPE.match(value)
            entity.kind, entity.subtype = (match[1], match[2]) if match else _PLAIN
        return entity

    def _descend(self, entity: _Entity) -> _Open | None:
        """A container to look into, or None for a leaf."""
        is_message = entity.kind == b"message" and entity.subtype in (b"rfc822", b"global")
        if not is_message and entity.kind != b"multipart":
            return None
        if len(self.open) >= DEPTH or self.parts >= PARTS:
            entity.kind, entity.subtype = _OPAQUE
            entity.params = []
            return None
        if is_message:
            self.attachments += not self.enclosed
            self.enclosed += 1
            return _Open(entity, b"")
        boundary = (parameters.get(entity.params, b"boundary") or b"").rstrip()
        is_usable = 0 < len(boundary) <= LONGEST_BOUNDARY
        return _Open(entity, b"\n--" + boundary if is_usable else _NOWHERE)

    def _first_child(self, parent: _Open) -> _Entity:
        outer = parent.entity
        parent.cursor = -1
        if not parent.boundary:
            inner = self._read_header(outer.body_start, outer.end, _PLAIN, _ALL)
            parent.fields = inner.fields
            return inner
        if parent.boundary is not _NOWHERE:
            found = self._delimiter(parent.boundary, max(outer.body_start - 1, outer.start), outer.end)
            parent.cursor = found[1] if found and not found[2] else -1
        child = self._next_child(parent)
        if child is not None:
            return child
        # a multipart needs at least one part: without delimiters its whole body is one, as text
        self.parts += 1
        return _Entity(outer.body_start, outer.body_start, outer.end)

    def _next_child(self, parent: _Open) -> _Entity | None:
        start, end = parent.cursor, parent.entity.end
        if start < 0:
            return None
        default = _RFC822 if parent.entity.subtype == b"digest" else _PLAIN
        if self.parts >= PARTS:
            parent.cursor = -1
            rest = _Entity(start, start, end)
            rest.kind, rest.subtype = _OPAQUE
            self.parts += 1
            return rest
        found = self._delimiter(parent.boundary, start - 1, end)
        if found is None:
            parent.cursor = -1
        else:
            line, after, closing = found
            parent.cursor = -1 if closing else after
            # RFC 2046 5.1.1: the line break before a delimiter belongs to it
            end = max(line - 1 if line > start and self.data[line - 1 : line] == b"\r" else line, start)
        return self._read_header(start, end, default, _MIME)

    def _delimiter(self, needle: bytes, at: int, end: int) -> tuple[int, int, bool] | None:
        """The next delimiter line: where the line break before it stands, what follows it, whether it closes."""
        data = self.data
        while (at := data.find(needle, at, end)) >= 0:
            match = _DELIMITER_END.match(data, at + len(needle), end)
            if match is not None:
                return at, match.end(), match[1] is not None
            at += len(needle)
        return None

    def _leaf(self, entity: _Entity) -> tuple[Part, bytes]:
        size = entity.end - entity.body_start
        is_text = entity.kind == b"text"
        lines = _count_lines(self.data, entity.body_start, entity.end) if is_text else 0
        shape = structure.leaf(
            entity.kind, entity.subtype, entity.params, entity.fields, size, lines if is_text else None
        )
        part = _part(entity, lines, ())
        if not self.enclosed and _is_attachment(part, entity.fields):
            self.attachments += 1
        return part, shape

    def _close(self, done: _Open) -> tuple[Part, bytes]:
        entity = done.entity
        children = tuple(done.children)
        if done.boundary:
            shape = structure.multipart(entity.subtype, entity.params, entity.fields, done.shapes)
            return _part(entity, 0, children), shape
        self.enclosed -= 1
        lines = _count_lines(self.data, entity.body_start, entity.end)
        inside = envelope.build(done.fields, Addresses(done.fields))
        size = entity.end - entity.body_start
        shape = structure.enclosed(entity.subtype, entity.params, entity.fields, size, lines, inside, done.shapes[0])
        return _part(entity, lines, children), shape


def _body_start(data: Octets, start: int, end: int) -> int:
    """Where the header's empty line ends; all of it is header when there is none."""
    first = data[start : min(start + 2, end)]
    if first[:1] == b"\n":
        return start + 1
    if first == b"\r\n":
        return start + 2
    crlf = data.find(b"\n\r\n", start, end)
    bare = data.find(b"\n\n", start, end if crlf < 0 else crlf + 1)
    if bare >= 0:
        return bare + 2
    return crlf + 3 if crlf >= 0 else end


def _count_lines(data: Octets, start: int, end: int) -> int:
    if isinstance(data, bytes):
        return data.count(b"\n", start, end)
    steps = range(start, end, _LINES_AT_ONCE)
    return sum(data[at : min(at + _LINES_AT_ONCE, end)].count(b"\n") for at in steps)


def _part(entity: _Entity, lines: int, children: tuple[Part, ...]) -> Part:
    stated = entity.fields.get(b"content-disposition")
    kind, params = parameters.parse(stated) if stated else (b"", [])
    label = parameters.get(entity.params, b"charset")
    return Part(
        header_start=entity.start,
        body_start=entity.body_start,
        end=entity.end,
        kind=_word(entity.kind),
        subtype=_word(entity.subtype),
        encoding=_word(structure.encoding(entity.fields)),
        charset=_word(label.lower()) if label else "",
        filename=filename.of(parameters.joined(params), entity.params),
        disposition=_word(kind),
        lines=lines,
        children=children,
    )


def _word(octets: bytes) -> str:
    return octets.decode("ascii", "replace")


def _is_attachment(part: Part, fields: dict[bytes, bytes]) -> bool:
    """What a person would call one: not the text itself, nor a signature, nor a picture the text shows."""
    if part.disposition == "attachment":
        return True
    if part.kind in ("text", "message") and not part.filename:
        return False
    if part.subtype in ("pgp-signature", "pkcs7-signature", "x-pkcs7-signature"):
        return False
    return part.kind != "image" or b"content-id" not in fields
