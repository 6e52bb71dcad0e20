"""Who wants to be told of changes of a collection, and how far each was told.  draft-bitfire-webdav-push-00

What is to be told is read from modseqs, so that a hint that was lost delays a push and loses none.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore import ids
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sql.statement import among, statement, values
from oddav.store import schema
from oddav.store.model import Collection, Quiet
from oddav.store.transaction import Transaction

MOST_OF_A_PERSON = 200
"""Subscriptions to collections of one account."""

_MOST = 2_000
"""To all collections of one account."""

_push, _collection = schema.push, schema.collection


class Subscribe(msgspec.Struct, frozen=True):
    """What a device asks for. Fields are columns."""

    person: AccountId
    signed_in: AccountId
    device: str
    resource: str  # where a push is sent to
    public_key: bytes
    secret: bytes
    content: bool
    properties: bool
    expires: int

    def __repr__(self) -> str:
        return f"Subscribe({self.person})"


class Subscription(Subscribe, frozen=True):
    """One that is kept. Fields are columns."""

    id: str
    collection: int
    told: int  # the modseq of the state that the device knows of
    described: int  # of the last change of properties
    due: int  # not to be told before
    failing: int  # since when nothing gets through; 0: all is well

    def __repr__(self) -> str:
        return f"Subscription({self.id})"


class Waiting(msgspec.Struct, frozen=True):
    """A subscription whose collection has moved on; perhaps in a way that nobody asked to be told of."""

    subscription: Subscription
    collection: Collection
    content: bool
    properties: bool


class Settled(msgspec.Struct, frozen=True):
    """What became of a subscription."""

    id: str
    told: int = 0
    due: int = 0
    failing: int = 0
    gone: bool = False


class State(msgspec.Struct, frozen=True):
    """Who is to be told now, and when the next (None: nobody); are any too old, and are there others?"""

    waiting: list[Waiting]
    due: int | None
    old: bool
    wanted: bool


_OF = _push.c.account == bindparam("account")
_NOW: BindParameter[int] = bindparam("now")
_FIND = statement(
    select(_push.c.id).where(
        _OF,
        _push.c.collection == bindparam("collection"),
        _push.c.person == bindparam("person"),
        _push.c.resource == bindparam("resource"),
    )
)
_COUNT = statement(select(func.count()).select_from(_push).where(_OF))
_COUNT_OF = statement(select(func.count()).select_from(_push).where(_OF, _push.c.person == bindparam("person")))
_RENEWED = (*(name for name in Subscribe.__struct_fields__ if name not in ("person", "resource")), "due", "failing")
_KEEP = statement(
    upsert(_push).on_conflict_do_update(
        index_elements=["account", "collection", "person", "resource"],
        set_={name: literal_column(f"excluded.{name}") for name in _RENEWED},
    )
)
_DROP = statement(delete(_push).where(_OF, _push.c.id == bindparam("id")))
_DROP_OF = statement(
    delete(_push).where(_OF, _push.c.id == bindparam("id"), _push.c.person == bindparam("person")).returning(_push.c.id)
)
_DROP_OLD = statement(delete(_push).where(_OF, _push.c.expires <= _NOW))
_NEXT = statement(
    select(func.min(_push.c.due)).where(
        _OF,
        _collection.c.account == _push.c.account,
        _collection.c.collection == _push.c.collection,
        _collection.c.modseq > _push.c.told,
    )
)
_COUNTS = statement(
    select(*(func.count().filter(each) for each in (_push.c.expires <= _NOW, _push.c.expires > _NOW))).where(_OF)
)
_MOVED = or_(
    _collection.c.floor > _push.c.told,
    *(
        select(table.c.modseq)
        .where(
            table.c.account == _push.c.account,
            table.c.collection == _push.c.collection,
            table.c.modseq > _push.c.told,
        )
        .exists()
        for table in (schema.item, schema.tombstone)
    ),
)
_WAITING = statement(
    select(
        *(_collection.c[name] for name in Collection.__struct_fields__),
        _MOVED,
        *(_push.c[name] for name in Subscription.__struct_fields__),
    ).where(
        _OF,
        _collection.c.account == _push.c.account,
        _collection.c.collection == _push.c.collection,
        _collection.c.modseq > _push.c.told,
        _push.c.due <= _NOW,
        _push.c.expires > _NOW,
    )
)
_SETTLE = statement(
    update(_push)
    .where(_OF, _push.c.id == bindparam("key"))
    .values(told=bindparam("new_told"), due=bindparam("new_due"), failing=bindparam("new_failing"))
).replace(":new_", ":")
_DESCRIBE = statement(
    update(_push).where(_OF, _push.c.collection == bindparam("collection")).values(described=bindparam("new_modseq"))
).replace(":new_", ":")
_HUSH = statement(
    update(_push)
    .where(
        _OF,
        _push.c.collection == bindparam("key"),
        _push.c.person == bindparam("who"),
        _push.c.told == bindparam("before"),
        or_(bindparam("everyone") == literal_column("1"), among(_push.c.id, "ids")),
    )
    .values(told=bindparam("modseq"))
)


def subscribe(tx: Transaction, name: str, wanted: Subscribe) -> str:
    """Its id: new, or that of the one with the same push resource. Faults NOT_FOUND (collection), LIMIT."""
    collection = tx.collection(name)
    key = {"account": tx.account, "collection": collection.collection}
    same = {**key, "person": wanted.person, "resource": wanted.resource}
    if tx.cursor.first(_FIND, same) is None:
        full = tx.cursor.first(_COUNT_OF, same)[0] >= MOST_OF_A_PERSON or tx.cursor.first(_COUNT, key)[0] >= _MOST
        if full:
            raise Fault(Kind.LIMIT, "Too many devices are told of changes here.")
    new = {"id": ids.token(), "told": collection.modseq, "described": 0, "due": 0, "failing": 0}
    tx.cursor.execute(_KEEP, {**key, **msgspec.structs.asdict(wanted), **new})
    found: str = tx.cursor.first(_FIND, same)[0]
    return found


def unsubscribe(tx: Transaction, id_: str, person: AccountId) -> bool:
    """Whether this person had one of that id."""
    return tx.cursor.first(_DROP_OF, {"account": tx.account, "id": id_, "person": person}) is not None


def state(tx: Transaction, now: int) -> State:
    """Of all that subscribe to collections of this account."""
    key = {"account": tx.account, "now": now}
    old, wanted = tx.cursor.first(_COUNTS, key)
    if not wanted:
        return State([], None, bool(old), wanted=False)
    found = [_waiting(row) for row in tx.cursor.all(_WAITING, key)]
    return State(found, tx.cursor.first(_NEXT, key)[0], bool(old), wanted=True)


def _waiting(row: Any) -> Waiting:
    width = len(Collection.__struct_fields__)
    collection, moved, each = Collection(*row[:width]), row[width], Subscription(*row[width + 1 :])
    return Waiting(each, collection, bool(moved and each.content), bool(each.properties and each.described > each.told))


def settle(tx: Transaction, done: Iterable[Settled], now: int) -> None:
    """After a round; those that are too old go as well."""
    for each in done:
        key = {"account": tx.account, "id": each.id}
        if each.gone:
            tx.cursor.execute(_DROP, key)
        else:
            row = {"told": each.told, "due": each.due, "failing": each.failing}
            tx.cursor.execute(_SETTLE, {"account": tx.account, "key": each.id, **row})
    tx.cursor.execute(_DROP_OLD, {"account": tx.account, "now": now})


def describe(tx: Transaction, collection: Collection) -> None:
    """Its properties have changed."""
    key = {"account": tx.account, "collection": collection.collection}
    tx.cursor.execute(_DESCRIBE, {**key, "modseq": collection.modseq})


def hush(tx: Transaction, quiet: Quiet) -> None:
    """Of what this transaction changes, these devices know: they are told of it only with what they do not know."""
    for key, modseq in tx.hints.items():
        if key in tx.before:
            told = {"account": tx.account, "key": key, "before": tx.before[key], "modseq": modseq, "who": quiet.person}
            chosen = {"everyone": int(quiet.ids is None), "ids": values(quiet.ids or ())}
            tx.cursor.execute(_HUSH, told | chosen)
