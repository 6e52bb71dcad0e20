"""Subscribed calendars of an account: what is known of the last visit, and when the next is due."""

import msgspec
from sqlalchemy import bindparam, insert, select, update

from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.transaction import Transaction

_feed, _collection = schema.feed, schema.collection


class Feed(msgspec.Struct, frozen=True):
    """One of them."""

    collection: int
    name: str  # of the collection
    source: str
    etag: str
    modified: str
    fetched: int  # when it was last looked at with success, 0 for never
    due: int
    tries: int  # in vain
    said: str  # why


_ALL = statement(
    select(
        _feed.c.collection,
        _collection.c.name,
        _collection.c.source,
        _feed.c.etag,
        _feed.c.modified,
        _feed.c.fetched,
        _feed.c.due,
        _feed.c.tries,
        _feed.c.said,
    )
    .where(
        _feed.c.account == bindparam("account"),
        _collection.c.account == _feed.c.account,
        _collection.c.collection == _feed.c.collection,
    )
    .order_by(_feed.c.collection)
)
_ADD = statement(insert(_feed))
_NEW = ("etag", "modified", "fetched", "due", "tries", "said")
_SAVE = statement(
    update(_feed)
    .where(_feed.c.account == bindparam("account"), _feed.c.collection == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _NEW})
).replace(":new_", ":")


def feeds(tx: Transaction) -> list[Feed]:
    """All."""
    return [Feed(*row) for row in tx.cursor.all(_ALL, {"account": tx.account})]


def add(tx: Transaction, collection: int) -> None:
    """Due at once."""
    row = {"etag": "", "modified": "", "fetched": 0, "due": 0, "tries": 0, "said": ""}
    tx.cursor.execute(_ADD, {"account": tx.account, "collection": collection, **row})


def save(tx: Transaction, feed: Feed) -> None:
    """After a visit."""
    row = {name: getattr(feed, name) for name in _NEW}
    tx.cursor.execute(_SAVE, {"account": tx.account, "key": feed.collection, **row})
