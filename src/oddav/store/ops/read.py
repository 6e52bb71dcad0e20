"""Listings, octets, and what happens in a range of time: all from rows."""

from collections.abc import Iterable, Iterator

from sqlalchemy import and_, bindparam, or_, select

from odcore.sql.statement import among, statement, values
from oddav.calendar.facts import occurs, shown_span
from oddav.store import schema
from oddav.store.model import Collection, Item, Range
from oddav.store.transaction import ITEM_COLUMNS, Transaction

_item, _body, _when, _floating = schema.item, schema.body, schema.occurrence, schema.floating
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
_DAY = 86400
"""Clocks are at most fourteen hours from UTC."""

_FLOATS = statement(
    select(_floating.c.begins, _floating.c.ends, *ITEM_COLUMNS)
    .join(_item, (_item.c.account == _floating.c.account) & (_item.c.item == _floating.c.item))
    .where(
        _floating.c.account == bindparam("account"),
        _floating.c.begins < bindparam("until") + _DAY,
        _floating.c.ends > bindparam("since") - _DAY,
        _item.c.collection == bindparam("collection"),
        _item.c.component == bindparam("component"),
    )
)
_UNSURE = statement(
    select(*ITEM_COLUMNS).where(
        *_OF, _item.c.component == bindparam("component"), _item.c.exact_until < bindparam("until")
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


def in_range(tx: Transaction, collection: Collection, wanted: Range) -> Iterator[tuple[Item, bool]]:
    """Those that happen then; False where only their rules could say, for it is later than what was computed."""
    span = {"since": wanted.since, "until": wanted.until}
    bindings = {**_key(tx, collection), "component": wanted.component, **span}
    seen: set[int] = set()
    for row in tx.cursor.all(_IN_RANGE, bindings):
        seen.add(row[0])
        yield Item(*row), True
    for begins, ends, *row in tx.cursor.all(_FLOATS, bindings):
        at = shown_span((begins, ends), wanted.zone)
        if row[0] not in seen and occurs(at, wanted.since, wanted.until):
            seen.add(row[0])
            yield Item(*row), True
    for row in tx.cursor.all(_UNSURE, bindings):
        if row[0] not in seen:
            yield Item(*row), False


def _key(tx: Transaction, collection: Collection) -> dict[str, int]:
    return {"account": tx.account, "collection": collection.collection}
