"""When, from where and by which program each password and token was last used, on this node; "" is the directory's.

Apps sign in many times a minute: a use is written when the last one written is a quarter of an hour old or came from
elsewhere, by a thread of its own, and nobody waits for it. What a power cut loses is seen again at the next sign-in.
"""

from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from threading import Lock

import msgspec
import structlog
from sqlalchemy import Column, MetaData, Table, Text, bindparam, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert

from odcore import clock
from odcore.backlog import Backlog
from odcore.errors import Fault
from odcore.identity.api import Principal, Visit
from odcore.ids import AccountId
from odcore.sql.database import Database
from odcore.sql.migrate import Schema
from odcore.sql.statement import statement

log = structlog.get_logger()

_FRESH = 900.0
_MOST = 50_000
_AT_ONCE = 500
_SCHEMA = Schema("odcore.identity")

_table = Table(
    "device_use",
    MetaData(),
    Column("person", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    Column("at", Text, nullable=False),  # ISO 8601 in UTC
    Column("address", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("client", Text, nullable=False),
)
_VALUES = ("at", "address", "service", "client")
_upsert = insert(_table)
_WRITE = statement(
    _upsert.on_conflict_do_update(
        index_elements=["person", "device"], set_={name: _upsert.excluded[name] for name in _VALUES}
    )
)
_READ = statement(
    select(_table.c.device, *(_table.c[name] for name in _VALUES)).where(
        _table.c.person == bindparam("person"), _table.c.device != literal_column("''")
    )
)
_LAST = statement(select(_table.c.person, func.max(_table.c.at)).group_by(_table.c.person))

_Key = tuple[AccountId, str]


class Use(msgspec.Struct, frozen=True):
    """One use."""

    at: str
    address: str
    service: str
    client: str = ""


class Uses:
    """The uses in `folder`. Shared by all threads of a process, and by all processes of a node."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "uses.sqlite", _SCHEMA)
        self._backlog = Backlog("device-uses", self._write, most=_MOST, at_once=_AT_ONCE)
        self._lock = Lock()
        self._written: OrderedDict[_Key, tuple[float, str]] = OrderedDict()

    def note(self, principal: Principal, visit: Visit) -> None:
        """Somebody signed in. Never waits for the disk."""
        key, now = (principal.person.id, principal.device), clock.monotonic()
        with self._lock:
            at, address = self._written.get(key, (-_FRESH, ""))
            if now - at < _FRESH and address == visit.address:
                return
            self._written[key] = now, visit.address
            self._written.move_to_end(key)
            if len(self._written) > _MOST:
                self._written.popitem(last=False)
        use = Use(clock.now().isoformat(), visit.address, visit.service, visit.client[:200])
        self._backlog.offer((key, use))

    def of(self, person: AccountId) -> dict[str, Use]:
        """The last use of each of a person's devices."""
        with self._database.read() as cursor:
            return {row[0]: Use(*row[1:]) for row in cursor.all(_READ, {"person": person})}

    def last(self) -> dict[AccountId, datetime]:
        """When each person was last seen, by whatever means."""
        with self._database.read() as cursor:
            return {AccountId(person): datetime.fromisoformat(at) for person, at in cursor.all(_LAST, {})}

    def flush(self) -> None:
        """Returns when what was noted is written."""
        self._backlog.flush()

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        self._backlog.close()
        self._database.close()

    def _write(self, batch: list[tuple[_Key, Use]]) -> None:
        rows = [
            {"person": person, "device": device, **{name: getattr(use, name) for name in _VALUES}}
            for (person, device), use in batch
        ]
        try:
            with self._database.write(durable=False) as cursor:
                for row in rows:
                    cursor.execute(_WRITE, row)
        except Fault as fault:
            log.warning("device_uses_not_written", rows=len(rows), reason=fault.text)
