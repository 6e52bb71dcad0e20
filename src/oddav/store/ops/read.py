"""Listings, octets, and what happens in a range of time: all from rows."""

from collections.abc import Iterable, Iterator

from sqlalchemy import and_, bindparam, or_, select

from odcore.sql.statement import among, statement, values
from oddav.store import schema
from oddav.store.model import Collection, Item
from oddav.store.transaction import ITEM_COLUMNS, Transaction

_item, _body, _when = schema.item, schema.body, schema.occurrence
_OF = (_item.c.account == bindparam("account"), _item.c.collection == bindparam("collection"))
_ALL = statement(select(*ITEM_COLUMNS).where(*_OF).order_by(_item.c.href))
_NAMED = statement(select(*ITEM_COLUMNS).where(*_OF, among(_item.c.href, "hrefs")))
_BY_UID = statement(
    select(_item.c.collection, *ITEM_COLUMNS)
    .where(_item.c.account == bindparam("account"), _item.c.uid == bindparam("uid"))
    .order_by(_item.c.item)
)
_OCTETS = statement(
    select(_body.c.item, _body.c.octets).where(_body.c.account == bindparam("account"), among(_body.c.item, "items"))
)
_HAPPENS = (
    select(_when.c.item)
    .where(
        _when.c.account == _item.c.account,
        _when.c.item == _item.c.item,
        _when.c.begins < bindparam("until"),
        or_(
            _when.c.ends > bindparam("since"),
            and_(_when.c.begins == _when.c.ends, _when.c.begins >= bindparam("since")),
        ),
    )
    .exists()
)
_IN_RANGE = statement(select(*ITEM_COLUMNS).where(*_OF, _item.c.component == bindparam("component"), _HAPPENS))
_UNSURE = statement(
    select(*ITEM_COLUMNS).where(
        *_OF, _item.c.component == bindparam("component"), _item.c.exact_until < bindparam("until"), ~_HAPPENS
    )
)


def items(tx: Transaction, collection: Collection) -> list[Item]:
    """All, by name."""
    return [Item(*row) for row in tx.cursor.all(_ALL, _key(tx, collection))]


def named(tx: Transaction, collection: Collection, hrefs: Iterable[str]) -> list[Item]:
    """Those of these names that are there."""
    return [Item(*row) for row in tx.cursor.all(_NAMED, {**_key(tx, collection), "hrefs": values(hrefs)})]


def by_uid(tx: Transaction, uid: str) -> list[tuple[int, Item]]:
    """Of all collections, each with its collection's key."""
    rows = tx.cursor.all(_BY_UID, {"account": tx.account, "uid": uid})
    return [(row[0], Item(*row[1:])) for row in rows]


def octets(tx: Transaction, wanted: Iterable[Item]) -> dict[int, bytes]:
    """By the items' keys."""
    keys = values(item.item for item in wanted)
    return dict(tx.cursor.all(_OCTETS, {"account": tx.account, "items": keys}))


def in_range(
    tx: Transaction, collection: Collection, component: str, since: int, until: int
) -> Iterator[tuple[Item, bool]]:
    """Those that happen then; False where only their rules could say, for it is later than what was computed."""
    bindings = {**_key(tx, collection), "component": component, "since": since, "until": until}
    for sql, sure in ((_IN_RANGE, True), (_UNSURE, False)):
        for row in tx.cursor.all(sql, bindings):
            yield Item(*row), sure


def _key(tx: Transaction, collection: Collection) -> dict[str, int]:
    return {"account": tx.account, "collection": collection.collection}
