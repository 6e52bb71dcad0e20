"""One transaction on one account: the rows most use cases read first and write last."""

from datetime import tzinfo

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Collection, Item

MOST_OCTETS = 1 << 30
"""Of an account without a quota: calendars and cards are small, and a program gone wild must find an end."""

MOST_ITEMS = 100_000
"""Of one collection."""


class Home(msgspec.Struct):
    """The account's row. Fields are the columns."""

    next_collection: int
    next_item: int
    octets: int

    def take(self, octets: int, most: int) -> None:
        """Count what is added. Fault OVER_QUOTA.  RFC 4331"""
        if octets > 0 and self.octets + octets > most:
            raise Fault(Kind.OVER_QUOTA, "There is no room for more calendars and contacts.")
        self.octets += octets


_home, _collection, _item = schema.home, schema.collection, schema.item
_OF_ACCOUNT = _collection.c.account == bindparam("account")
_COLUMNS = [_collection.c[name] for name in Collection.__struct_fields__]
_HOME = statement(
    select(*(_home.c[name] for name in Home.__struct_fields__)).where(_home.c.account == bindparam("account"))
)
_SAVE_HOME = statement(
    update(_home)
    .where(_home.c.account == bindparam("account"))
    .values({name: bindparam(f"new_{name}") for name in Home.__struct_fields__})
).replace(":new_", ":")
_BY_NAME = statement(select(*_COLUMNS).where(_OF_ACCOUNT, _collection.c.name == bindparam("name")))
_ALL = statement(select(*_COLUMNS).where(_OF_ACCOUNT).order_by(_collection.c.collection))
_ADD = statement(insert(_collection))
_TOUCH = statement(
    update(_collection)
    .where(_OF_ACCOUNT, _collection.c.collection == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("modseq", "floor", "items", "modified")})
).replace(":new_", ":")
ITEM_COLUMNS = [_item.c[name] for name in Item.__struct_fields__]
_BY_HREF = statement(
    select(*ITEM_COLUMNS).where(
        _item.c.account == bindparam("account"),
        _item.c.collection == bindparam("collection"),
        _item.c.href == bindparam("href"),
    )
)
_DROP = [
    statement(delete(table).where(table.c.account == bindparam("account"), table.c.item == bindparam("item")))
    for table in (schema.occurrence, schema.floating, schema.body, schema.item)
]


class Transaction:
    """A cursor, whose rows it is about, how many octets they may have, the zone of the house, what hints tell of."""

    __slots__ = ("account", "before", "cursor", "hints", "quota", "zone")

    def __init__(self, cursor: Cursor, account: int, zone: tzinfo, quota: int) -> None:
        self.cursor = cursor
        self.account = account
        self.quota = quota
        self.zone = zone
        self.hints: dict[int, int] = {}  # collection: modseq
        self.before: dict[int, int] = {}  # and the one it had

    def home(self) -> Home:
        """The account's counters."""
        return Home(*self.cursor.first(_HOME, {"account": self.account}))

    def save_home(self, home: Home) -> None:
        """After a change."""
        self.cursor.execute(_SAVE_HOME, {"account": self.account, **msgspec.structs.asdict(home)})

    def collections(self) -> list[Collection]:
        """All, the oldest first."""
        return [Collection(*row) for row in self.cursor.all(_ALL, {"account": self.account})]

    def find(self, name: str) -> Collection | None:
        """By the name in its path."""
        row = self.cursor.first(_BY_NAME, {"account": self.account, "name": name})
        return None if row is None else Collection(*row)

    def collection(self, name: str) -> Collection:
        """Fault NOT_FOUND."""
        found = self.find(name)
        if found is None:
            raise Fault(Kind.NOT_FOUND, "There is no such calendar or address book.")
        return found

    def add(self, collection: Collection) -> None:
        """A new row."""
        self.cursor.execute(_ADD, {"account": self.account, **msgspec.structs.asdict(collection)})

    def tick(self, collection: Collection) -> int:
        """The modseq of one change: each has its own, so that a list of changes can be cut anywhere."""
        self.before.setdefault(collection.collection, collection.modseq)
        collection.modseq += 1
        collection.modified = clock.timestamp()
        return collection.modseq

    def save(self, collection: Collection) -> None:
        """After a change; tell those who watch it."""
        self.hints[collection.collection] = collection.modseq
        self.cursor.execute(
            _TOUCH, {"account": self.account, "key": collection.collection, **msgspec.structs.asdict(collection)}
        )

    def find_item(self, collection: Collection, href: str) -> Item | None:
        """By its name."""
        row = self.cursor.first(_BY_HREF, {"account": self.account, "collection": collection.collection, "href": href})
        return None if row is None else Item(*row)

    def drop(self, item: Item) -> None:
        """The rows of an item. The caller counts, and leaves a tombstone."""
        for sql in _DROP:
            self.cursor.execute(sql, {"account": self.account, "item": item.item})


def check_match(item: Item | None, if_match: tuple[str, ...], if_none_match: tuple[str, ...] = ()) -> None:
    """Fault CONFLICT where the client's picture of the resource is an old one.  RFC 9110 13.1"""
    have = () if item is None else (item.etag, "*")
    wrong = if_match and not any(each in have for each in if_match)
    if wrong or any(each in have for each in if_none_match):
        raise Fault(Kind.CONFLICT, "The resource has changed meanwhile.")
