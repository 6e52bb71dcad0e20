"""Messages on their way: written with the change they tell of, gone once all have them.  RFC 6638 3.2"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.transaction import Transaction

_message, _out = schema.message, schema.outgoing
_ADD = statement(insert(_message))
_OF = (_out.c.account == bindparam("account"), _out.c.message == bindparam("message"))
_WAITING = statement(
    select(
        _message.c.message,
        _message.c.id,
        _message.c.method,
        _message.c.sender,
        _out.c.recipient,
        _out.c.due,
        _out.c.tries,
    )
    .where(
        _message.c.account == bindparam("account"),
        _out.c.account == _message.c.account,
        _out.c.message == _message.c.message,
    )
    .order_by(_message.c.message, _out.c.recipient)
)
_OCTETS = statement(
    select(_message.c.octets).where(
        _message.c.account == bindparam("account"), _message.c.message == bindparam("message")
    )
)
_DONE = statement(delete(_out).where(*_OF, _out.c.recipient == bindparam("recipient")))
_LEFT = statement(select(_out.c.recipient).where(*_OF).limit(1))
_FORGET = statement(
    delete(_message).where(_message.c.account == bindparam("account"), _message.c.message == bindparam("message"))
)
_LATER = statement(
    update(_out)
    .where(*_OF, _out.c.recipient == bindparam("recipient"))
    .values(due=bindparam("new_due"), tries=bindparam("new_tries"))
).replace(":new_", ":")


class Outgoing(msgspec.Struct, frozen=True):
    """One recipient of one message. Fields are the columns."""

    message: int
    id: str
    method: str
    sender: str
    recipient: str
    due: int
    tries: int


def add(tx: Transaction, id: str, method: str, sender: str, to: Sequence[str], octets: bytes) -> None:
    """`id` is no other message's, ever."""
    home = tx.home()
    key, home.next_item = home.next_item, home.next_item + 1
    tx.save_home(home)
    row = {"account": tx.account, "message": key, "id": id, "method": method, "sender": sender, "octets": octets}
    tx.cursor.execute(_ADD, row)
    rows = [(tx.account, key, each, 0, 0) for each in to]
    tx.cursor.insert(_out, ("account", "message", "recipient", "due", "tries"), rows)


def waiting(tx: Transaction) -> list[Outgoing]:
    """The oldest message first."""
    return [Outgoing(*row) for row in tx.cursor.all(_WAITING, {"account": tx.account})]


def octets(tx: Transaction, message: int) -> bytes:
    """Of one that waits."""
    row = tx.cursor.first(_OCTETS, {"account": tx.account, "message": message})
    return bytes(row[0]) if row is not None else b""


def done(tx: Transaction, each: Outgoing) -> None:
    """The recipient has it, or never will."""
    key = {"account": tx.account, "message": each.message}
    tx.cursor.execute(_DONE, {**key, "recipient": each.recipient})
    if tx.cursor.first(_LEFT, key) is None:
        tx.cursor.execute(_FORGET, key)


def later(tx: Transaction, each: Outgoing, due: int) -> None:
    """Another try, not before `due`."""
    key = {"account": tx.account, "message": each.message, "recipient": each.recipient}
    tx.cursor.execute(_LATER, {**key, "due": due, "tries": each.tries + 1})
