"""Canonical forms of header fields and bodies, in linear time and bounded memory.  RFC 6376 3.4

The body goes through in blocks: a message of any size costs one block of memory and never holds up other threads for
long, and one pass serves all signatures that agree on form and hash.
"""

import re
from typing import Protocol

_BLOCK = 65536
_WSP = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r?\n")
_SIGNATURE_VALUE = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")


class Hash(Protocol):
    """As hashlib makes them."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


def field(octets: bytes, *, relaxed: bool) -> bytes:
    """A field with its line end, or without one when it stands for the signature itself."""
    if not relaxed:
        return octets
    name, _, value = octets.partition(b":")
    ended = octets.endswith(b"\n")
    value = _WSP.sub(b" ", _FOLD.sub(b"", value)).strip(b" \t")
    return name.rstrip(b" \t").lower() + b":" + value + (b"\r\n" if ended else b"")


def without_signature(octets: bytes) -> bytes:
    """A signature's field with the value of b= gone and no line end (RFC 6376 3.7)."""
    name, colon, value = octets.partition(b":")
    return name + colon + _SIGNATURE_VALUE.sub(rb"\1", value, count=1).removesuffix(b"\n").removesuffix(b"\r")


class Body:
    """Feeds a hash with the canonical form of a body that comes in blocks."""

    __slots__ = ("_begun", "_empty", "_hash", "_relaxed", "_rest")

    def __init__(self, made: Hash, *, relaxed: bool) -> None:
        self._hash = made
        self._relaxed = relaxed
        self._rest = b""  # an unfinished line
        self._begun = False
        self._empty = 0  # empty lines that count only if something follows

    def feed(self, block: bytes) -> None:
        """More octets."""
        end = block.rfind(b"\n") + 1
        if not end:
            self._rest += block
            return
        lines, self._rest = self._rest + block[:end], block[end:]
        self._take(lines)

    def finish(self) -> bytes:
        """The digest."""
        if self._rest:
            self._take(self._rest + b"\r\n")  # RFC 6376 3.4.3, 3.4.4: a line end is supplied
            self._rest = b""
        if not self._begun and not self._relaxed:
            self._hash.update(b"\r\n")
        return self._hash.digest()

    def _take(self, lines: bytes) -> None:
        if self._relaxed and (b"  " in lines or b"\t" in lines or b" \r\n" in lines):
            lines = _WSP.sub(b" ", lines).replace(b" \r\n", b"\r\n")
        text = lines.rstrip(b"\r\n")
        if not text:
            self._empty += len(lines) // 2
            return
        while self._empty:
            count = min(self._empty, _BLOCK)
            self._hash.update(b"\r\n" * count)
            self._empty -= count
        self._begun = True
        self._hash.update(text + b"\r\n")
        self._empty = (len(lines) - len(text)) // 2 - 1


def body_digest(view: memoryview, made: Hash, *, relaxed: bool) -> bytes:
    """Of a whole body."""
    body = Body(made, relaxed=relaxed)
    for offset in range(0, len(view), _BLOCK):
        body.feed(bytes(view[offset : offset + _BLOCK]))
    return body.finish()
