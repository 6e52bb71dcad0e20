"""Looking into the queue without touching it."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, literal_column, or_, select

from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.model import Queued, Status
from odmail.queue.ops.rows import MESSAGE, STANDING, message
from odmail.queue.schema import queued, recipient

_theirs = recipient.c.message == queued.c.number
_like: ColumnElement[str] = bindparam("pattern")

_SHOW = statement(select(*MESSAGE).where(queued.c.id == bindparam("id")))
_STANDINGS = statement(select(*STANDING).where(recipient.c.message == bindparam("of")).order_by(recipient.c.number))
_LIST = (
    statement(
        select(*MESSAGE)
        .where(
            or_(
                queued.c.id.like(_like, escape="!"),
                queued.c.sender.like(_like, escape="!"),
                exists().where(_theirs, recipient.c.address.like(_like, escape="!")),
            ),
            or_(
                bindparam("standing") == literal_column("''"),
                exists().where(_theirs, recipient.c.status == bindparam("standing")),
            ),
        )
        .order_by(queued.c.number)
    )
    + " LIMIT :most"
)


def row_of(cursor: Cursor, id: str) -> tuple[Any, ...]:
    """The columns `rows.MESSAGE` of one message."""
    row: tuple[Any, ...] | None = cursor.first(_SHOW, {"id": id})
    if row is None:
        raise Fault(Kind.NOT_FOUND, f"There is no message {id} in the queue.")
    return row


def show(cursor: Cursor, id: str) -> Queued:
    """One message with all of its recipients, also those that are done."""
    row = row_of(cursor, id)
    return message(row, cursor.all(_STANDINGS, {"of": row[0]}))


def list_messages(cursor: Cursor, text: str, status: Status | None, most: int) -> list[Queued]:
    """Messages whose id or an address holds `text`, with a recipient of this status; oldest first."""
    bindings = {"pattern": f"%{_escaped(text)}%", "standing": status.value if status else "", "most": most}
    rows = cursor.all(_LIST, bindings)
    return [message(row, cursor.all(_STANDINGS, {"of": row[0]})) for row in rows]


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
