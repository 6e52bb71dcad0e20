"""Octets are written and hashed by another thread while the next ones come in: two cores, where there are two."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from odcore.blob.api import Incoming

_LEAST = 1 << 17
"""Octets that are worth waking another thread for."""

_WRITERS = ThreadPoolExecutor(os.cpu_count() or 1, "write-behind")  # its threads are made at the first use


class Behind:
    """Writes to `incoming`, at most one piece behind its caller. At the end of the block all is written."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._last: Future[None] | None = None

    def __enter__(self) -> "Behind":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._last is not None and error is not None:
            self._last.exception()  # only until it is over: what went wrong first counts
        else:
            self._wait()

    def write(self, octets: bytes) -> None:
        """Faults as `incoming.write`: the one of the piece before may come here."""
        self._wait()
        if len(octets) < _LEAST:
            self._incoming.write(octets)
        else:
            self._last = _WRITERS.submit(self._incoming.write, octets)

    def _wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()
