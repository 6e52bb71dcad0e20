"""SUBSCRIBE and UNSUBSCRIBE: names an account wants to see, existing or not.  RFC 9051 6.3.7"""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import names, schema
from odmail.mailbox.api import Subscribe
from odmail.mailbox.transaction import Transaction

_MOST = 20_000

_subscription = schema.subscription
_OF_ACCOUNT = _subscription.c.account == bindparam("account")
_ALL = statement(
    select(_subscription.c.name).where(_OF_ACCOUNT).order_by(_subscription.c.name).limit(bindparam("most"))
)
_ONE = statement(select(_subscription.c.name).where(_OF_ACCOUNT, _subscription.c.name == bindparam("name")))
_ADD = statement(upsert(_subscription).on_conflict_do_nothing())
_REMOVE = statement(delete(_subscription).where(_OF_ACCOUNT, _subscription.c.name == bindparam("name")))


def subscribe(tx: Transaction, options: Subscribe) -> None:
    """Says the same twice without complaint. What programs call a mailbox subscribes it. Faults BAD_REQUEST, LIMIT."""
    name = names.validate(options.name) if options.on else names.normalize(options.name)
    if options.on and (box := tx.meant(name)):
        name = box.name
    if options.on and len(subscriptions(tx)) >= _MOST:
        raise Fault(Kind.LIMIT, "Too many subscriptions.")
    _write(tx, name, on=options.on)


def subscriptions(tx: Transaction) -> list[str]:
    """All subscribed names, in order."""
    return [name for (name,) in tx.every(_ALL)]


def subscribed(tx: Transaction, name: str) -> bool:
    """Whether this normalized name is."""
    return tx.cursor.first(_ONE, {"account": tx.account, "name": name}) is not None


def follow(tx: Transaction, old: str, new: str) -> None:
    """A renamed mailbox stays in sight."""
    if subscribed(tx, old):
        _write(tx, old, on=False)
        _write(tx, new, on=True)


def _write(tx: Transaction, name: str, *, on: bool) -> None:
    tx.cursor.execute(_ADD if on else _REMOVE, {"account": tx.account, "name": name})
    tx.hints[0] = 0
