"""Bytes of a line protocol cut into frames: lines, `{n}` and `{n+}` literals.  RFC 9051 4.3, RFC 7888

Nothing is parsed here beyond the marker that ends a line, so a bad command never costs the stream its footing, and
every limit holds before memory is spent: a line is measured while it is still arriving, and a literal is only announced
(`Line.literal`). Whoever reads the frames then says what becomes of it:

    take(size)    its octets arrive as `Piece`s, in whatever sizes the network made of them; then the line goes on
    refuse()      a synchronizing literal that will never be sent: the next octets begin a new line

The same bytes give the same lines and the same literal octets, however they were split.

A line ends with CRLF. A bare LF ends it, too: no message boundary hangs on it here (message octets travel in counted
literals), and people who type into a socket send nothing else. A bare CR is an ordinary octet that no grammar accepts.
"""

import re

import msgspec

_MARKER = re.compile(rb"(~?)\{([0-9]{1,64})(\+?)\}\Z")
_BLANK = re.compile(rb"(?:\r?\n)++")
_HUGE = 1 << 63


class Literal(msgspec.Struct, frozen=True, gc=False):
    """What a line announced: `size` octets, sent at once unless the server must first say "+" (`sync`)."""

    size: int
    sync: bool
    binary: bool = False  # "~{n}", RFC 3516


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line without its end and without the marker of the literal that follows, if one does."""

    data: bytes
    literal: Literal | None = None


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Octets of the literal that was taken; an empty literal has one empty last piece."""

    data: bytes
    last: bool


class Overflow(msgspec.Struct, frozen=True, gc=False):
    """A line longer than the limit. Nothing sensible can follow."""


Frame = Line | Piece | Overflow


class Framer:
    """Feed it bytes, ask it for frames."""

    __slots__ = ("_buffer", "_left", "_scanned", "_taking", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit  # octets in one line
        self._buffer = bytearray()
        self._scanned = 0  # no line end before this offset
        self._left = 0  # octets of the literal still to come
        self._taking = False

    @property
    def waiting(self) -> int:
        """Octets fed and not yet given out."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add what the network brought."""
        self._buffer += data

    def clear(self) -> None:
        """Forget all that was fed: what stood behind STARTTLS was not said inside TLS.  RFC 9051 6.2.1"""
        self._buffer = bytearray()
        self._scanned = 0
        self._left = 0
        self._taking = False

    def take(self, size: int) -> None:
        """The next `size` octets are the literal just announced."""
        self._left = size
        self._taking = True

    def refuse(self) -> None:
        """The literal just announced will not come."""
        self._taking = False

    def skip_blank(self) -> None:
        """Step over empty lines, at one go however many there are. Not inside a literal."""
        found = _BLANK.match(self._buffer)
        if found:
            del self._buffer[: found.end()]
            self._scanned = 0

    def next(self) -> Frame | None:
        """The next frame, None when more bytes are needed."""
        return self._piece() if self._taking else self._line()

    def _piece(self) -> Piece | None:
        if self._left and not self._buffer:
            return None
        data = bytes(self._buffer[: self._left])
        del self._buffer[: len(data)]
        self._left -= len(data)
        self._taking = self._left > 0
        return Piece(data, not self._taking)

    def _line(self) -> Line | Overflow | None:
        end = self._buffer.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._buffer)
            return Overflow() if self._scanned > self.limit + 1 else None
        data = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._scanned = 0
        data = data.removesuffix(b"\r")
        return _split(data) if len(data) <= self.limit else Overflow()


def _split(data: bytes) -> Line:
    """Part a line from the literal marker at its end."""
    found = _MARKER.search(data, max(0, len(data) - 68)) if data.endswith(b"}") else None
    if found is None:
        return Line(data)
    digits = found[2]
    size = int(digits) if len(digits) < 19 else _HUGE
    return Line(data[: found.start()], Literal(size, not found[3], bool(found[1])))
