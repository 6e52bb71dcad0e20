"""A bounded set of open databases: the least recently used is closed, never one that is in use."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from odcore import haste
from odcore.sql.database import Database
from odcore.sql.migrate import Steps


class _Slot:
    """An open database and how many use it at this moment."""

    __slots__ = ("database", "users")

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users = 0


class Pool:
    """Databases of one schema, by path."""

    def __init__(self, schema: Steps, most: int) -> None:
        self._schema = schema
        self._most = most
        self._lock = Lock()
        self._slots: OrderedDict[Path, _Slot] = OrderedDict()

    @contextmanager
    def use(self, path: Path) -> Iterator[Database]:
        """The database at `path`, kept open at least as long as the block lasts."""
        slot = self._enter(path)
        try:
            yield slot.database
        finally:
            self._leave(slot)

    def close(self) -> None:
        """Close all; whoever is in the middle of a transaction finishes it first."""
        with self._lock:
            slots, self._slots = list(self._slots.values()), OrderedDict()
        for slot in slots:
            slot.database.close()

    def _enter(self, path: Path) -> _Slot:
        with self._lock:
            slot = self._slots.get(path)
            if slot is None:
                haste.wait()
                slot = self._slots[path] = _Slot(Database(path, self._schema))
            self._slots.move_to_end(path)
            slot.users += 1
            surplus = self._surplus()
        for idle in surplus:
            idle.database.close()
        return slot

    def _leave(self, slot: _Slot) -> None:
        with self._lock:
            slot.users -= 1

    def _surplus(self) -> list[_Slot]:
        """Idle databases beyond the bound, oldest first, taken out of the set."""
        excess = len(self._slots) - self._most
        if excess <= 0:
            return []
        idle = [path for path, slot in self._slots.items() if not slot.users][:excess]
        return [self._slots.pop(path) for path in idle]
