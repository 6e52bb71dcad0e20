"""What scripts must remember: who was answered, what was seen. Each for a time.  RFC 5230 4.2, RFC 7352 3"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore import clock
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.scripts import Mark
from odmail.mailbox.transaction import Transaction

MOST = 10_000
"""Of these the ones that end first are forgotten."""

_mark = schema.mark
_OF_ACCOUNT = _mark.c.account == bindparam("account")
_FIND = statement(select(_mark.c.until).where(_OF_ACCOUNT, _mark.c.key == bindparam("key")))
_PUT = statement(
    upsert(_mark).on_conflict_do_update(
        index_elements=["account", "key"], set_={"until": literal_column("excluded.until")}
    )
)
_FORGET = statement(delete(_mark).where(_OF_ACCOUNT, _mark.c.until <= bindparam("now")))
_COUNT = statement(select(func.count()).where(_OF_ACCOUNT))
_NTH = statement(select(_mark.c.until).where(_OF_ACCOUNT).order_by(_mark.c.until).limit(1).offset(bindparam("beyond")))


def is_remembered(tx: Transaction, key: str) -> bool:
    """And not over yet."""
    row = tx.cursor.first(_FIND, {"account": tx.account, "key": key})
    return row is not None and row[0] > clock.timestamp()


def remember(tx: Transaction, marks: Sequence[Mark]) -> None:
    """What is over is forgotten meanwhile."""
    if not marks:
        return
    tx.cursor.execute(_FORGET, {"account": tx.account, "now": clock.timestamp()})
    tx.cursor.executemany(_PUT, [{"account": tx.account, "key": each.key, "until": each.until} for each in marks])
    count = (tx.cursor.first(_COUNT, {"account": tx.account}) or (0,))[0]
    if count > MOST:
        row = tx.cursor.first(_NTH, {"account": tx.account, "beyond": count - MOST - 1})
        if row is not None:
            tx.cursor.execute(_FORGET, {"account": tx.account, "now": row[0]})
