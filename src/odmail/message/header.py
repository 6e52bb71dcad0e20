"""Header blocks: fields, unfolding, and the text behind encoded words.  RFC 5322 2.2, RFC 2047, RFC 6532"""

import binascii
import re
from collections.abc import Collection, Iterator

from odmail.message import charset

MAX_BLOCK = 1 << 20
"""Octets of a header block that are looked at; what lies beyond is kept but not indexed."""

_NAME = re.compile(rb"([!-9;-~]++)[ \t]*+:")
# Each "=?" can be followed through at most a dozen "?": linear however broken the input is.
_WORD = re.compile(
    rb"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,60})?\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]*+){0,8})\?=([ \t\r\n]*+(?==\?))?"
)
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def unfold(value: bytes) -> bytes:
    """A field body on one line: each line break before white space is removed.  RFC 5322 2.2.3"""
    if b"\n" in value:
        value = value.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")
        if b"\n " in value or b"\n\t" in value:
            value = value.replace(b"\n ", b" ").replace(b"\n\t", b"\t")
    return value


def fields(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names in lower case with unfolded, trimmed bodies, in order. Lines that are no fields are passed over."""
    for line in unfold(block[:MAX_BLOCK]).split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon:
            yield name.rstrip().lower(), value.strip()


def index(block: bytes, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """The first field of each wanted name. NUL, which no reply can carry, is dropped."""
    found: dict[bytes, bytes] = {}
    for line in unfold(block[:MAX_BLOCK].replace(b"\0", b"")).split(b"\n"):
        name, _, value = line.partition(b":")
        key = name.rstrip().lower()
        if key in wanted and key not in found:
            found[key] = value.strip()
    return found


def spans(block: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each field as lower-case name, offset and end, line ends and folds included; the empty line is no field."""
    name, start = b"", 0
    at, end = 0, len(block)
    while at < end:
        stop = block.find(b"\n", at) + 1 or end
        if block[at] not in b" \t":
            if start < at:
                yield name, start, at
            if block[at:stop] in (b"\r\n", b"\n"):
                return
            match = _NAME.match(block, at, stop)
            name, start = (match[1].lower() if match else b""), at
        at = stop
    if start < at:
        yield name, start, at


def value(block: bytes, name: str) -> str | None:
    """The decoded text of the first field called `name`, None when there is none."""
    key = name.lower().encode("utf-8", "replace")
    raw = index(block, (key,)).get(key)
    return None if raw is None else decode(raw)


def values(block: bytes, name: str) -> list[str]:
    """The decoded text of every field called `name`."""
    key = name.lower().encode("utf-8", "replace")
    return [decode(raw) for found, raw in fields(block) if found == key]


def decode(raw: bytes) -> str:
    """Text a person reads: encoded words decoded, 8-bit guessed, control characters turned into spaces.

    Forgiving where mail programs err: words inside words, spaces within, letters split between two words.
    """
    if b"=?" not in raw:
        text = charset.guess(raw)
    else:
        text = _decode_words(raw)
    return text if text.isprintable() else text.translate(_CONTROLS)


def _decode_words(raw: bytes) -> str:
    out: list[str] = []
    pending, label = b"", ""
    at = 0
    for match in _WORD.finditer(raw):
        if match.start() > at or match[1].decode("latin-1").lower() != label:
            if label:
                out.append(charset.decode(pending, label))
            out.append(charset.guess(raw[at : match.start()]))
            pending, label = b"", match[1].decode("latin-1").lower()
        pending = b"".join((pending, _octets(match[2], match[3]))) if pending else _octets(match[2], match[3])
        at = match.end()
    if label:
        out.append(charset.decode(pending, label))
    out.append(charset.guess(raw[at:]))
    return "".join(out)


def _octets(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return unquote(text.replace(b"_", b" "))
    return unbase64(text)


def unquote(text: bytes) -> bytes:
    """Octets of `=XX` notation; what does not fit stays as it is."""
    if b"=" not in text:
        return text
    return _HEX.sub(lambda match: bytes((int(match[1], 16),)), text)


def unbase64(text: bytes) -> bytes:
    """Octets of base64 with anything foreign passed over and missing padding supplied."""
    letters = text.translate(None, FOREIGN).rstrip(b"=").partition(b"=")[0]
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


FOREIGN = bytes(
    code for code in range(256) if code not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
)
