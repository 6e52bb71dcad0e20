"""A MIME part freed of its content-transfer-encoding, whole or piece by piece.  RFC 3516, RFC 2045 6

The size of what comes out must be known before the first octet is sent, so a large part is decoded twice: once to
count, once to send. Neither holds more than a piece of it.
"""

import binascii
import re
from collections.abc import Iterator

from odcore.blob.api import Body

IDENTITY = frozenset(("", "7bit", "8bit", "binary"))
ENCODINGS = IDENTITY | {"base64", "quoted-printable"}

_PIECE = 1 << 18
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_LONG_LINE = 1 << 16
_BLANKS = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")


class Decoded:
    """What a part's octets mean: a Body whose octets are read in order, from the start or from where one left off."""

    def __init__(self, body: Body, first: int, end: int, encoding: str) -> None:
        self._body = body
        self._first = first
        self._end = end
        self._encoding = encoding
        self._rewind()
        self.size = 0
        self.has_nul = False  # only a literal8 may hold it
        for piece in self._stream():
            self.size += len(piece)
            self.has_nul = self.has_nul or b"\0" in piece

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """As `Body.read`; going back starts again at the front."""
        if offset < self._at:
            self._rewind()
        wanted = self.size - offset if length < 0 else min(length, self.size - offset)
        while self._at + len(self._kept) < offset + wanted:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._kept += piece
            self._skip_to(offset)
        self._skip_to(offset)
        return bytes(self._kept[:wanted])

    def _rewind(self) -> None:
        self._pieces = self._stream()
        self._kept = bytearray()
        self._at = 0  # the offset `_kept` begins at

    def _skip_to(self, offset: int) -> None:
        passed = min(offset - self._at, len(self._kept))
        del self._kept[:passed]
        self._at += passed

    def _stream(self) -> Iterator[bytes]:
        pieces = _read(self._body, self._first, self._end)
        if self._encoding == "base64":
            return _base64(pieces)
        if self._encoding == "quoted-printable":
            return _quoted_printable(pieces)
        return pieces


def _read(body: Body, first: int, end: int) -> Iterator[bytes]:
    for offset in range(first, end, _PIECE):
        yield body.read(offset, min(_PIECE, end - offset))


def _base64(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Foreign octets are skipped, "=" ends the data.  RFC 2045 6.8"""
    left = b""
    for piece in pieces:
        data, padding, _ = piece.partition(b"=")
        left += data.translate(None, _NOT_BASE64)
        whole = len(left) & ~3
        yield binascii.a2b_base64(left[:whole])
        left = left[whole:]
        if padding:
            break
    if len(left) > 1:
        yield binascii.a2b_base64(left + b"=" * (4 - len(left)))


def _quoted_printable(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Line by line, since blanks before a line's end are not part of it.  RFC 2045 6.7"""
    left = b""
    for piece in pieces:
        left += piece
        cut = left.rfind(b"\n") + 1
        if not cut and len(left) > _LONG_LINE:
            cut = len(left) - 2  # no line is that long; but an escape must not be torn
            torn = left.rfind(b"=", cut - 2, cut)
            cut = cut if torn < 0 else torn
        yield binascii.a2b_qp(_BLANKS.sub(b"", left[:cut]))
        left = left[cut:]
    yield binascii.a2b_qp(_BLANKS.sub(b"", left.rstrip(b" \t")))
