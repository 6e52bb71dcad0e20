"""How destinations stand: the worker that finds out writes it down, for those who look into the queue."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import bindparam, delete, func, insert, literal_column, select

from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.model import Destination, State
from odmail.queue.schema import destination, recipient

_domain = func.lower(func.substr(recipient.c.address, func.instr(recipient.c.address, literal_column("'@'")) + 1))

_WAITING = statement(
    select(_domain, func.count())
    .where(recipient.c.status == literal_column("'waiting'"))
    .group_by(literal_column("1"))
    .order_by(literal_column("2 DESC"), literal_column("1"))
)
_ALL = statement(
    select(
        destination.c.name, destination.c.state, destination.c.at_once, destination.c.until, destination.c.reply
    ).order_by(destination.c.name)
)
_DROP = statement(delete(destination).where(destination.c.name == bindparam("which")))
_ADD = statement(
    insert(destination).values(
        name=bindparam("which"),
        state=bindparam("state"),
        at_once=bindparam("at_once"),
        until=bindparam("until"),
        reply=bindparam("reply"),
    )
)
_FORGET = statement(delete(destination))


def note(cursor: Cursor, changed: Sequence[Destination]) -> None:
    """One row for each that is not open."""
    for each in changed:
        cursor.execute(_DROP, {"which": each.name})
        if each.state is not State.OPEN:
            bindings = {"which": each.name, "state": each.state.value, "at_once": each.at_once}
            cursor.execute(_ADD, bindings | {"until": each.until, "reply": each.reply})


def forget(cursor: Cursor) -> None:
    """A worker that begins knows nothing of what the last one found."""
    cursor.execute(_FORGET, {})


def destinations(cursor: Cursor, instant: int, most: int) -> list[Destination]:
    """Those that mail waits for, most mail first, and all others that are not open."""
    waiting: dict[str, int] = dict(cursor.all(_WAITING, {}))
    rows = [Destination(name, State(state), *more) for name, state, *more in cursor.all(_ALL, {})]
    shown = {each.name: each for each in rows if each.state is State.RESTING or instant < each.until}
    names = [*list(waiting)[:most], *(name for name in shown if name not in waiting)]
    found = [shown.get(name) or Destination(name) for name in names]
    return [replace(each, waiting=waiting.get(each.name, 0)) for each in found]
