"""What found the lanes full: it is back in the queue, and here is remembered what to fetch once there is room."""

from collections.abc import Callable, Mapping
from itertools import islice
from threading import Lock

MOST = 200_000
"""Recipients remembered. More come by themselves when they are due."""

Key = tuple[str, int]
"""A message's id and the number of its recipient."""


class Parking:
    """One for a process; any thread. Destinations take turns."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._parked: dict[str, dict[Key, None]] = {}

    def park(self, destination: str, keys: list[Key]) -> None:
        """There was no room for these."""
        with self._lock:
            line = self._parked.setdefault(destination, {})
            before = len(line)
            line.update(dict.fromkeys(keys[: MOST - self._count]))
            self._count += len(line) - before
            self._tidy(destination, line)

    def leave(self, destination: str, keys: list[Key]) -> None:
        """These found room."""
        with self._lock:
            if (line := self._parked.get(destination)) is not None:
                before = len(line)
                for key in keys:
                    line.pop(key, None)
                self._count += len(line) - before
                self._tidy(destination, line)

    def take(self, admit: Callable[[Mapping[str, int], int], Mapping[str, int]], most: int) -> list[Key]:
        """At most so many, which leave here; `admit` says for how many of each destination there is room."""
        with self._lock:
            admitted = admit({destination: len(line) for destination, line in self._parked.items()}, most)
            taken: list[Key] = []
            for destination, count in admitted.items():
                line = self._parked.pop(destination)
                keys = list(islice(line, count))
                for key in keys:
                    del line[key]
                self._count -= len(keys)
                if line:
                    self._parked[destination] = line
                taken += keys
            return taken

    def _tidy(self, destination: str, line: dict[Key, None]) -> None:
        if not line:
            del self._parked[destination]
