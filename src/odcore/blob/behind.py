"""Octets are written and hashed by another thread while the next ones come in: two cores, where there are two."""

import mmap
import os
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

_BLOCK = 1 << 20
"""Octets handed over at a time."""

STEP = 1 << 18
"""Octets read at a time: they are still in the processor's cache when they are copied."""

_WRITERS = ThreadPoolExecutor(os.cpu_count() or 1, "write-behind")  # its threads are made at the first use


class Readable(Protocol):
    """What comes in."""

    def readinto(self, buffer: memoryview, /) -> int:
        """How many octets came; 0 at the end."""


class Spooling(Protocol):
    """What is written: an `odcore.blob.incoming.Incoming`."""

    def write(self, data: bytes) -> None:
        """Add octets."""

    def write_block(self, block: memoryview) -> None:
        """The same for pages of memory."""


class Behind:
    """Writes to `incoming`, at most one block behind its caller. At the end of the block of code all is written."""

    def __init__(self, incoming: Spooling) -> None:
        self._incoming = incoming
        self._filling, self._other = _block(), _block()
        self._filled = 0
        self._last: Future[None] | None = None

    def __enter__(self) -> "Behind":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._last is not None and error is not None:
            self._last.exception()  # only until it is over: what went wrong first counts
            return
        self._wait()
        if error is None and self._filled:
            self._incoming.write(bytes(self._filling[: self._filled]))

    def take(self, source: Readable) -> int:
        """The next octets of `source`: how many. Faults as `incoming.write`: the one of the block before comes here."""
        count = source.readinto(self._filling[self._filled : self._filled + STEP])
        self._filled += count
        if self._filled == _BLOCK:
            self._wait()
            self._last = _WRITERS.submit(self._incoming.write_block, self._filling)
            self._filling, self._other, self._filled = self._other, self._filling, 0
        return count

    def _wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()


def _block() -> memoryview:
    """Pages of memory that nobody has touched yet."""
    return memoryview(mmap.mmap(-1, _BLOCK))
