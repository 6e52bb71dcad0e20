"""A note as a message in the form Apple Notes keeps it: what tells a note, its key, its text."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

from odcore import ids, notes
from odcore.notes import Note
from odmail.mailbox.model import Row
from odmail.message import charset, compose, date, header, transfer
from odmail.message.model import Part
from odmail.message.text import Read
from odmail.notes import page

_TYPE = "com.apple.mail-note"
_CREATED = "X-Mail-Created-Date"
_KEY = "X-Universally-Unique-Identifier"


def key(row: Row) -> str | None:
    """None: the message is no note."""
    if (header.value(row.header, "X-Uniform-Type-Identifier") or "").strip().lower() != _TYPE:
        return None
    if row.size > notes.LONGEST:
        return None
    told = header.value(row.header, _KEY) or header.value(row.header, "Message-ID") or f"message {row.message}"
    return notes.key_of(told)


def read(block: bytes, root: Part, octets: Read) -> Note:
    """The title is the Subject; the text begins with it once more."""
    part = _text(root)
    text = "" if part is None else _decoded(part, octets)
    if part is not None and part.subtype == "html":
        text = "\n".join(page.lines(text))
    created, sent = (_moment(block, name) for name in (_CREATED, "Date"))
    return notes.note(header.value(block, "Subject") or "", text, created or sent, sent)


def is_rich(root: Part, octets: Read) -> bool:
    """Would something be missing of what `read` tells?"""
    if root.children or root.kind != "text":
        return True
    return root.subtype == "html" and page.is_rich(_decoded(root, octets))


def write(key: str, note: Note, author: tuple[str, str], host: str) -> bytes:
    """`author` is a name and an address."""
    stamped = ((_CREATED, note.created), ("Date", note.modified))
    fields = [
        compose.address_field("From", [author]),
        compose.field("X-Uniform-Type-Identifier", _TYPE),
        *(compose.field(name, format_datetime(datetime.fromtimestamp(at, UTC))) for name, at in stamped),
        compose.field("Subject", note.title),
        compose.field(_KEY, key),
        compose.field("Message-ID", f"<{ids.token()}@{host}>"),
    ]
    told = [note.title, *note.text.split("\n")] if note.text else [note.title]
    return compose.message(fields, compose.text_part(page.written(told), "html"))


def _text(root: Part) -> Part | None:
    """The first text a person would read."""
    return next((each for each in _leaves(root) if each.kind == "text" and each.disposition != "attachment"), None)


def _leaves(root: Part) -> Iterator[Part]:
    if root.kind != "multipart":
        yield root
        return
    for child in root.children:
        yield from _leaves(child)


def _decoded(part: Part, octets: Read) -> str:
    return charset.decode(
        transfer.decode(octets(part.body_start, part.end - part.body_start), part.encoding), part.charset
    )


def _moment(block: bytes, name: str) -> int:
    found = date.parse((header.value(block, name) or "").encode("utf-8", "replace"))
    return 0 if found is None else found.instant
