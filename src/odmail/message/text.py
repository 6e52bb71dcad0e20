"""What a search may find in a message: its decoded text, normalized.  RFC 9051 6.4.4"""

from collections.abc import Callable, Iterator

from odcore.folding import normalize
from odmail.message import charset, header, markup, transfer
from odmail.message.model import Part

MOST = 1 << 20
"""Letters of one message that can be found."""

_PARTS = 1_000

Read = Callable[[int, int], bytes]
"""Octets of a message by offset and length, as `mailbox.model.Body.read` gives them."""


def of_header(block: bytes) -> str:
    """All fields of a header block, decoded and normalized, one a line."""
    lines = (f"{name.decode('latin-1')}: {header.decode(value)}" for name, value in header.fields(block))
    return "\n".join(map(normalize, lines))[:MOST]


def of_body(root: Part, read: Read) -> str:
    """The text of all text parts and the names of attachments, decoded and normalized, one part a line."""
    found: list[str] = []
    left = MOST
    for part in _parts(root):
        for text in (part.filename, part_text(part, read, left)):
            if text and left > 0:
                found.append(normalize(text)[:left])
                left -= len(found[-1])
    return "\n".join(found)


def part_text(part: Part, read: Read, most: int = MOST) -> str:
    """The decoded text of one text part as a reader sees it, "" for any other."""
    if part.kind == "message":
        return header.decode(read(part.body_start, min(_inner_header(part), header.MAX_BLOCK)))
    if part.kind != "text":
        return ""
    length = min(part.end - part.body_start, 4 * most)
    text = charset.decode(transfer.decode(read(part.body_start, length), part.encoding), part.charset)
    return markup.text(text) if part.subtype == "html" else text


def _inner_header(part: Part) -> int:
    return part.children[0].body_start - part.body_start if part.children else 0


def _parts(root: Part) -> Iterator[Part]:
    """Leaves and enclosed messages in reading order, at most so many."""
    waiting = [root]
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.children))
