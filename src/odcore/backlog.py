"""What waits to be written by a thread of its own, many things in one commit, while nobody waits for it."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """First in, first out. The thread begins when it is first needed."""

    def __init__(
        self, name: str, write: Callable[[list[T]], None], *, most: int, at_once: int, gather: float = 0.0
    ) -> None:
        """`write` is called in the thread with 1 to `at_once` things, handles its own faults, and what it has is gone.

        There is room for `most`. `gather`: seconds for which the first of a batch waits for company.
        """
        self._name = name
        self._write = write
        self._most = most
        self._at_once = at_once
        self._gather = gather
        self._waiting: deque[T] = deque()
        self._changed = Condition()
        self._writing = False
        self._thread: Thread | None = None
        self.closing = False

    def offer(self, item: T) -> bool:
        """False where there is no room for it."""
        with self._changed:
            if len(self._waiting) >= self._most:
                return False
            self._add(item)
            return True

    def put(self, item: T) -> None:
        """Waits until there is room."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < self._most)
            self._add(item)

    def pause(self, seconds: float) -> None:
        """For `write`, before it tries again; cut short when a close is wanted."""
        with self._changed:
            self._changed.wait_for(lambda: self.closing, seconds)

    def flush(self) -> None:
        """Returns when all that came is written or given up."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._writing)

    def close(self) -> None:
        """Write what waits; nothing more will come."""
        with self._changed:
            self.closing = True
            self._changed.notify_all()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _add(self, item: T) -> None:
        self._waiting.append(item)
        if self._thread is None and not self.closing:
            self._thread = Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        if len(self._waiting) == 1:
            self._changed.notify_all()

    def _run(self) -> None:
        while batch := self._next():
            self._write(batch)

    def _next(self) -> list[T]:
        """Nothing: it is over."""
        with self._changed:
            self._writing = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self.closing)
            if self._gather:
                self._changed.wait_for(lambda: self.closing or len(self._waiting) >= self._at_once, self._gather)
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._at_once))]
            self._writing = bool(batch)
            self._changed.notify_all()  # there is room
            return batch
