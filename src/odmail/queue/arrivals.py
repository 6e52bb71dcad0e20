"""Messages on their way into the queue whose givers do not wait: one thread commits all that came meanwhile at once."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from odmail.queue.ops.accept import Entry

Done = Callable[[Exception | None], None]

_MOST = 64
"""Messages in one commit: more gains little and makes the first one wait."""


class Arrivals:
    """The thread, begun when first needed."""

    def __init__(self, commit: Callable[[Sequence[Entry]], None]) -> None:
        """`commit` makes entries durable, all or none; it blocks."""
        self._commit = commit
        self._coming: SimpleQueue[tuple[Entry, Done] | None] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None

    def add(self, entry: Entry, done: Done) -> None:
        """Returns at once; `done` hears from the thread once the entry is durable, or why it is not."""
        self._coming.put((entry, done))
        if self._thread is None:
            self._begin()

    def close(self) -> None:
        """What came before is committed."""
        if self._thread is not None:
            self._coming.put(None)
            self._thread.join()
            self._thread = None

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="accept", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (first := self._coming.get()) is not None:
            batch, last = self._company(first)
            self._take(batch)
            if last:
                return

    def _company(self, first: tuple[Entry, Done]) -> tuple[list[tuple[Entry, Done]], bool]:
        """What waits already, and whether nothing more will come."""
        batch = [first]
        try:
            while len(batch) < _MOST:
                following = self._coming.get_nowait()
                if following is None:
                    return batch, True
                batch.append(following)
        except Empty:
            pass
        return batch, False

    def _take(self, batch: list[tuple[Entry, Done]]) -> None:
        """One that cannot be taken keeps no other out."""
        try:
            self._commit([entry for entry, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever gave the message
            if len(batch) > 1:
                for each in batch:
                    self._take([each])
                return
            batch[0][1](error)
            return
        for _, done in batch:
            done(None)
