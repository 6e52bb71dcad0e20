"""A compressed connection, between its socket and its session.  RFC 4978

What the client sends is inflated a STEP at a time and no faster than the session takes it, so that a few octets that
stand for many megabytes fill no memory. Every write is flushed: a client is never left waiting for the rest of a line.
"""

import zlib
from collections.abc import Callable

STEP = 16 << 10
"""Octets inflated at a time."""

_LEVEL, _MEMORY = 3, 5
_WINDOW = -13  # raw deflate with 8 KiB of history: 48 KiB for a connection instead of 256
_ANY_WINDOW = -15


class Deflate:
    """Both directions of one connection. `give` takes what the client said; zlib.error when that is no deflate."""

    __slots__ = ("_deflater", "_give", "_held", "_inflater", "_running", "_waiting")

    def __init__(self, give: Callable[[bytes], None]) -> None:
        self._give = give
        self._deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY)
        self._inflater = zlib.decompressobj(_ANY_WINDOW)
        self._waiting = b""
        self._held = False
        self._running = False

    def pack(self, data: bytes) -> bytes:
        """What goes over the wire for `data`."""
        return self._deflater.compress(data) + self._deflater.flush(zlib.Z_SYNC_FLUSH)

    def received(self, data: bytes) -> None:
        """Octets of the socket."""
        self._waiting += data
        self._run()

    def hold(self) -> None:
        """The session has enough for now; also said while it is being given some."""
        self._held = True

    def go(self) -> None:
        """The session wants more."""
        self._held = False
        self._run()

    def _run(self) -> None:
        if self._running:
            return
        self._running = True
        try:
            while not self._held and self._step():
                pass
        finally:
            self._running = False

    def _step(self) -> bool:
        """Hand one piece on. Whether there may be another: zlib can keep some for itself when a piece is full."""
        piece = self._inflater.decompress(self._waiting, STEP)
        self._waiting = self._inflater.unconsumed_tail
        if self._inflater.eof:
            raise zlib.error("the client ended the stream")
        if piece:
            self._give(piece)
        return bool(self._waiting) or len(piece) == STEP
