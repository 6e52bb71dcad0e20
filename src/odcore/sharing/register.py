"""The register of grants in one small database that all processes of a node share."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore import clock
from odcore.bus.api import SharingChanged
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sharing.api import Delegation, Power
from odcore.sharing.schema import delegation, named
from odcore.sql.database import Cursor, Database
from odcore.sql.migrate import Schema
from odcore.sql.statement import statement

SCHEMA = Schema("odcore.sharing")

_IN_AREA = delegation.c.area == bindparam("area")
_ROW = (
    delegation.c.owner,
    delegation.c.delegate,
    delegation.c.powers,
    delegation.c.giver,
    delegation.c.since,
    delegation.c.until,
)
_OF = statement(select(*_ROW).where(_IN_AREA, delegation.c.owner == bindparam("owner")).order_by(delegation.c.since))
_TO = statement(
    select(*_ROW).where(_IN_AREA, delegation.c.delegate == bindparam("delegate")).order_by(delegation.c.owner)
)
_COUNT = statement(
    select(func.count())
    .select_from(delegation)
    .where(
        _IN_AREA,
        delegation.c.owner == bindparam("owner"),
        delegation.c.delegate != bindparam("delegate"),
        (delegation.c.until == literal_column("0")) | (delegation.c.until > bindparam("now")),
    )
)
_GIVE = statement(
    upsert(delegation).on_conflict_do_update(
        index_elements=["area", "owner", "delegate"],
        set_={name: literal_column(f"excluded.{name}") for name in ("powers", "giver", "since", "until")},
    )
)
_END = statement(
    delete(delegation).where(
        _IN_AREA, delegation.c.owner == bindparam("owner"), delegation.c.delegate == bindparam("delegate")
    )
)
_NOTE = statement(upsert(named).on_conflict_do_nothing())
_FORGET = statement(
    delete(named).where(
        named.c.area == bindparam("area"),
        named.c.subject == bindparam("subject"),
        named.c.owner == bindparam("owner"),
    )
)


class SqliteRegister:
    """See `odcore.sharing.api.Register`."""

    def __init__(self, folder: Path, publish: Callable[[msgspec.Struct], None]) -> None:
        self._database = Database(folder / "sharing.sqlite", SCHEMA)
        self._publish = publish

    def delegations_of(self, area: str, owner: AccountId) -> list[Delegation]:
        with self._database.read() as cursor:
            return [_delegation(row) for row in cursor.all(_OF, {"area": area, "owner": owner})]

    def delegations_to(self, area: str, delegate: AccountId) -> list[Delegation]:
        with self._database.read() as cursor:
            return _delegations_to(cursor, area, delegate)

    def delegate(self, area: str, given: Delegation, most: int) -> None:
        self._database.submit(lambda cursor: _give(cursor, area, given, most))
        self.changed(given.owner)

    def end(self, area: str, owner: AccountId, delegate: AccountId) -> None:
        self._database.submit(lambda cursor: _end(cursor, {"area": area, "owner": owner, "delegate": delegate}))
        self.changed(owner)

    def owners(self, area: str, subjects: frozenset[str]) -> frozenset[AccountId]:
        with self._database.read() as cursor:
            return _owners(cursor, area, subjects)

    def around(
        self, area: str, delegate: AccountId, subjects: frozenset[str]
    ) -> tuple[list[Delegation], frozenset[AccountId]]:
        with self._database.read() as cursor:
            return _delegations_to(cursor, area, delegate), _owners(cursor, area, subjects)

    def note(self, area: str, owner: AccountId, subject: str) -> None:
        row = {"area": area, "subject": subject, "owner": owner}
        self._database.submit(lambda cursor: cursor.execute(_NOTE, row))

    def forget(self, area: str, owner: AccountId, subject: str) -> None:
        row = {"area": area, "subject": subject, "owner": owner}
        self._database.submit(lambda cursor: cursor.execute(_FORGET, row))

    def changed(self, owner: AccountId) -> None:
        self._publish(SharingChanged(owner))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def _delegations_to(cursor: Cursor, area: str, delegate: AccountId) -> list[Delegation]:
    key = (_TO, area, delegate)
    given: list[Delegation] | None = cursor.recall(key)
    if given is None:
        given = [_delegation(row) for row in cursor.all(_TO, {"area": area, "delegate": delegate})]
        cursor.remember(key, given)
    now = clock.timestamp()
    return [each for each in given if each.covers(now)]


def _owners(cursor: Cursor, area: str, subjects: frozenset[str]) -> frozenset[AccountId]:
    key = (_naming, area, subjects)
    owners: frozenset[AccountId] | None = cursor.recall(key)
    if owners is None:
        bindings = {"area": area, **{f"s{index}": each for index, each in enumerate(subjects)}}
        owners = frozenset(AccountId(owner) for (owner,) in cursor.all(_naming(len(subjects)), bindings))
        cursor.remember(key, owners)
    return owners


@cache
def _naming(subjects: int) -> str:
    """The query for so many subjects."""
    names: list[BindParameter[str]] = [bindparam(f"s{index}") for index in range(subjects)]
    return statement(select(named.c.owner).where(named.c.area == bindparam("area"), named.c.subject.in_(names)))


def _give(cursor: Cursor, area: str, given: Delegation, most: int) -> None:
    now = clock.timestamp()
    key = {"area": area, "owner": given.owner, "delegate": given.delegate}
    (others,) = cursor.first(_COUNT, {**key, "now": now})
    if others >= most:
        raise Fault(Kind.LIMIT, f"There are {others} delegates already, and no more are allowed.")
    powers = " ".join(sorted(given.powers))
    since = given.since or now
    cursor.execute(_GIVE, {**key, "powers": powers, "giver": given.giver, "since": since, "until": given.until})


def _end(cursor: Cursor, key: dict[str, str]) -> None:
    cursor.execute(_END, key)
    if not cursor.connection.changes():
        raise Fault(Kind.NOT_FOUND, "There is no such delegation.")


def _delegation(row: tuple[Any, ...]) -> Delegation:
    owner, delegate, powers, giver, since, until = row
    return Delegation(AccountId(owner), AccountId(delegate), frozenset(map(Power, powers.split())), giver, since, until)
