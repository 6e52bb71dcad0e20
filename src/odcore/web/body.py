"""A request's body, counted: never more than allowed, never less than announced.  RFC 9112 6.3, 8

The server under us shows a broken connection as the end of the body, so the end is checked against what was announced.
"""

import io
from typing import Protocol

from odcore.errors import Fault, Kind
from odcore.web.mount import Environ

STEP = 1 << 16
"""Octets read ahead: whoever asks for more gets them without a copy between."""


class Source(Protocol):
    """The server's `wsgi.input`."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` octets; b"" at the end."""


class Body(io.RawIOBase):
    """The octets as they come. `fault` is what went wrong, also for who swallows exceptions."""

    def __init__(self, source: Source, announced: int | None, most: int, *, is_framed: bool = False) -> None:
        """`is_framed`: the server under us sees to it that no more come than were announced."""
        if announced is not None and announced > most:
            raise _too_big(most)
        self.fault: Fault | None = None
        self.count = 0  # octets so far
        self._source = source
        self._announced = announced
        self._most = most
        self._is_framed = is_framed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """For `input`. Faults as `next`."""
        octets = self.next(len(buffer))
        buffer[: len(octets)] = octets
        return len(octets)

    def next(self, size: int) -> bytes:
        """At most `size` octets; b"" at the end. Faults BAD_REQUEST (cut short), TOO_BIG."""
        if self.fault is not None:
            raise self.fault
        if self._is_framed and self.count == self._announced:
            return b""
        octets = self._source.read(size)
        self.count += len(octets)
        if self.count > self._most:
            self.fault = _too_big(self._most)
        elif not octets and self._announced is not None and self.count < self._announced:
            self.fault = Fault(Kind.BAD_REQUEST, "The request's body was cut short.")
        if self.fault is not None:
            raise self.fault
        return octets

    def whole(self) -> bytes:
        """All octets. Faults as `next`."""
        return b"".join(iter(lambda: self.next(STEP), b""))

    def input(self) -> io.BufferedReader:
        """`wsgi.input` for an application that reads as it comes."""
        return io.BufferedReader(self, STEP)


def announced(environ: Environ) -> int | None:
    """How many octets the client says it sends; None when it does not say. Fault BAD_REQUEST.

    macOS and desktop sync clients tell the length of a chunked body in headers of their own.
    """
    for header in ("CONTENT_LENGTH", "HTTP_X_EXPECTED_ENTITY_LENGTH", "HTTP_OC_TOTAL_LENGTH"):
        text = environ.get(header, "")
        if text:
            if not (text.isascii() and text.isdigit()):
                raise Fault(Kind.BAD_REQUEST, "The length of the request is not a number.")
            return int(text)
    return None if "HTTP_TRANSFER_ENCODING" in environ else 0


def _too_big(most: int) -> Fault:
    return Fault(Kind.TOO_BIG, f"The request may have at most {most} octets.")
