"""A resource, or a whole collection, goes away."""

from sqlalchemy import bindparam, delete, func, insert, select, text

from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Collection, Item, Remove
from oddav.store.transaction import Transaction, check_match

_REMEMBERED = 10_000
"""Tombstones of a collection: who was away longer reads it anew."""

_tomb = schema.tombstone
_OF = (_tomb.c.account == bindparam("account"), _tomb.c.collection == bindparam("collection"))
_ADD = statement(insert(_tomb))
_COUNT = statement(select(func.count()).select_from(_tomb).where(*_OF))
_MIDDLE = statement(select(_tomb.c.modseq).where(*_OF).order_by(_tomb.c.modseq).limit(1).offset(bindparam("skip")))
_FORGET = statement(delete(_tomb).where(*_OF, _tomb.c.modseq <= bindparam("floor")))
_item = schema.item
_KEYS = select(_item.c.item).where(
    _item.c.account == bindparam("account"), _item.c.collection == bindparam("collection")
)
_SIZE = statement(
    select(func.coalesce(func.sum(_item.c.size), text("0"))).where(
        _item.c.account == bindparam("account"), _item.c.collection == bindparam("collection")
    )
)
_ALL_OF_IT = [
    *(
        statement(delete(table).where(table.c.account == bindparam("account"), table.c.item.in_(_KEYS)))
        for table in (schema.occurrence, schema.floating, schema.body)
    ),
    *(
        statement(
            delete(table).where(table.c.account == bindparam("account"), table.c.collection == bindparam("collection"))
        )
        for table in (
            schema.item,
            schema.property_,
            schema.share,
            schema.feed,
            schema.push,
            schema.tombstone,
            schema.collection,
        )
    ),
]


def remove(tx: Transaction, options: Remove) -> bool:
    """Whether it was there. Fault NOT_FOUND (collection), CONFLICT."""
    collection = tx.collection(options.collection)
    item = tx.find_item(collection, options.href)
    check_match(item, options.if_match)
    if item is None:
        return False
    home = tx.home()
    home.octets -= item.size
    tx.drop(item)
    bury(tx, collection, item)
    tx.save(collection)
    tx.save_home(home)
    return True


def bury(tx: Transaction, collection: Collection, item: Item) -> None:
    """Remember that the name is gone. The caller saves."""
    key = {"account": tx.account, "collection": collection.collection}
    collection.items -= 1
    tx.cursor.execute(_ADD, {**key, "href": item.href, "modseq": tx.tick(collection)})
    if tx.cursor.first(_COUNT, key)[0] > _REMEMBERED:
        collection.floor = tx.cursor.first(_MIDDLE, {**key, "skip": _REMEMBERED // 2})[0]
        tx.cursor.execute(_FORGET, {**key, "floor": collection.floor})


def remove_collection(tx: Transaction, name: str) -> None:
    """With all that is in it. Fault NOT_FOUND."""
    collection = tx.collection(name)
    key = {"account": tx.account, "collection": collection.collection}
    home = tx.home()
    home.octets -= tx.cursor.first(_SIZE, key)[0]
    for sql in _ALL_OF_IT:
        tx.cursor.execute(sql, key)
    tx.hints[collection.collection] = collection.modseq + 1
    tx.save_home(home)
