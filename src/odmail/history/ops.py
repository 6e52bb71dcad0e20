"""One day's database: events added, found by name, and read."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from odcore.sql.database import Cursor, Database
from odcore.sql.statement import among, statement, values
from odmail.history import schema
from odmail.history.model import Event, key

_COLUMNS = ("id", "at", "what", "facts")
_NAME = statement(insert(schema.name).on_conflict_do_nothing())
_NAMED = statement(select(schema.name.c.id).where(among(schema.name.c.key, "keys")).distinct())
_EVENTS = statement(
    select(*(schema.event.c[name] for name in _COLUMNS))
    .where(among(schema.event.c.id, "ids"))
    .order_by(schema.event.c.number)
)

_encode = msgspec.json.Encoder().encode


def add(database: Database, events: Sequence[Event]) -> None:
    """In one transaction that waits for no disk."""
    rows = [(each.id, each.at, each.what, _encode(each.facts).decode()) for each in events]
    names = {(found, each.id) for each in events for name in each.names if (found := key(name))}
    database.submit(lambda cursor: _add(cursor, rows, sorted(names)), durable=False)


def named(cursor: Cursor, keys: Iterable[str]) -> set[str]:
    """The ids that were given one of these names on this day."""
    return {str(row[0]) for row in cursor.all(_NAMED, {"keys": values(keys)})}


def events(cursor: Cursor, ids: Iterable[str]) -> list[Event]:
    """What happened to these on this day, in the order it was told."""
    rows = cursor.all(_EVENTS, {"ids": values(ids)})
    return [Event(row[0], row[1], row[2], msgspec.json.decode(row[3], type=dict[str, object])) for row in rows]


def _add(cursor: Cursor, rows: Sequence[tuple[Any, ...]], names: Sequence[tuple[str, str]]) -> None:
    cursor.insert(schema.event, _COLUMNS, rows)
    cursor.executemany(_NAME, ({"key": row[0], "id": row[1]} for row in names))
