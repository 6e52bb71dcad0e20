"""SMTP's command lines, cut from the stream with bounds.  RFC 5321 2.3.8, 4.5.3.1.4

A line ends at LF, so that framing never depends on what a client calls a line end; a line without CR before that LF,
or with a CR or NUL inside, is framed as BROKEN and never reaches a parser.
"""

import enum

COMMAND_LIMIT = 2048
AUTH_LIMIT = 12288  # RFC 4954 4: base64 of a large initial response
FLOOD = 65536


class Broken(enum.Enum):
    """Frames that are no line."""

    BROKEN = "broken"  # bare CR, bare LF or NUL
    OVERLONG = "overlong"  # answered once, skipped to its end
    FLOOD = "flood"  # an overlong line that does not end: give up


class Lines:
    """A bounded buffer of octets that gives lines, or all that is left."""

    __slots__ = ("_at", "_buffer", "_skipped")

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0  # where the next line begins
        self._skipped = 0  # octets of an overlong line thrown away so far, 0: not inside one

    def __bool__(self) -> bool:
        return self._at < len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add what came off the wire."""
        self._buffer = self._buffer[self._at :] + data if self else data
        self._at = 0

    def take(self) -> bytes:
        """All octets not yet framed: content follows, or TLS."""
        data = self._buffer[self._at :] if self._at else self._buffer
        self._buffer, self._at = b"", 0
        return data

    def next(self, limit: int = COMMAND_LIMIT) -> bytes | Broken | None:
        """The next line without its CRLF; None when more octets are needed."""
        end = self._buffer.find(b"\n", self._at)
        if self._skipped:
            return self._skip(end, limit)
        size = (end if end >= 0 else len(self._buffer)) - self._at
        if size > limit and (size > AUTH_LIMIT or not self._opens_auth()):
            self._skipped = 1
            return Broken.OVERLONG
        if end < 0:
            return None
        line = self._buffer[self._at : end]
        self._at = end + 1
        if line.find(b"\r") != len(line) - 1 or not line or b"\0" in line:
            return Broken.BROKEN
        return line[:-1]

    def _opens_auth(self) -> bool:
        return self._buffer[self._at : self._at + 5].upper() == b"AUTH "

    def _skip(self, end: int, limit: int) -> bytes | Broken | None:
        """Throw an overlong line away up to its end, but not for ever."""
        stop = end if end >= 0 else len(self._buffer)
        self._skipped += stop - self._at
        self._at = stop
        if self._skipped > FLOOD:
            return Broken.FLOOD
        if end < 0:
            return None
        self._at, self._skipped = end + 1, 0
        return self.next(limit)
