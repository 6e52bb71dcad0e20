"""The first words of a message, for lists.  RFC 8970"""

from collections.abc import Callable, Iterator

from odmail.message import charset, markup, transfer
from odmail.message.model import Part

LONGEST = 200
"""Characters; RFC 8970 3.2 allows 256."""

_TEXT = 2_048  # encoded octets looked at in plain text
_HTML = 65_536  # in HTML, where styles come first
_SHOWN = 4_096  # letters of HTML that are left without them


def of(root: Part, read: Callable[[int, int], bytes]) -> str:
    """A preview of the first readable text; `read(offset, length)` gives octets of the message."""
    best = ""
    for part in _readable(root):
        best = _words(part, read)
        if best:
            break
    return best


def _readable(root: Part) -> Iterator[Part]:
    """Plain text before HTML, of the first few parts, attachments left out."""
    pages: list[Part] = []
    waiting = [root]
    for _ in range(50):
        if not waiting:
            break
        part = waiting.pop()
        if part.kind == "multipart":
            waiting.extend(reversed(part.children[:20]))
        elif part.kind == "text" and part.disposition != "attachment":
            if part.subtype == "html":
                pages.append(part)
            elif part.subtype == "plain":
                yield part
    yield from pages


def _words(part: Part, read: Callable[[int, int], bytes]) -> str:
    most = _HTML if part.subtype == "html" else _TEXT
    data = transfer.decode(read(part.body_start, min(part.end - part.body_start, most)), part.encoding)
    text = charset.decode(_whole(data, part, most), part.charset)
    if part.subtype == "html":
        text = markup.text(text, _SHOWN)
    return _squeeze(text)


def _whole(data: bytes, part: Part, most: int) -> bytes:
    """When cut short: without a last word that may have lost a part of its last letter."""
    if part.end - part.body_start <= most:
        return data
    end = max(data.rfind(b" "), data.rfind(b"\n"))
    return data[:end] if end > 0 else data.decode("utf-8", "ignore").encode()


def _squeeze(text: str) -> str:
    """Words with single spaces between, without quoted lines and controls, cut between two words."""
    found: list[str] = []
    left = 2 * LONGEST
    for line in text.splitlines():
        if not line.startswith((">", "-- ")) and (words := " ".join(line.split())):
            found.append(words)
            left -= len(words)
            if left < 0:
                break
    whole = " ".join(found)[: 2 * LONGEST]
    if not whole.isprintable():
        whole = "".join(letter for letter in whole if letter.isprintable() or letter in "\u200c\u200d")
    if len(whole) <= LONGEST:
        return whole
    cut = whole.rfind(" ", LONGEST // 2, LONGEST)
    return whole[: cut if cut > 0 else LONGEST]
