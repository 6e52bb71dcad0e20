"""What apps note about a collection: names, colours, orders.  RFC 4918 4"""

from sqlalchemy import bindparam, delete, insert, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Collection, SetProperties
from oddav.store.ops import push
from oddav.store.transaction import Transaction

_MOST = 200
_LONGEST = 100_000

_table = schema.property_
_OF = (_table.c.account == bindparam("account"), _table.c.collection == bindparam("collection"))
_READ = statement(select(_table.c.name, _table.c.xml).where(*_OF))
_DROP = statement(delete(_table).where(*_OF, _table.c.name == bindparam("name")))
_ADD = statement(insert(_table))


def properties(tx: Transaction, collection: Collection) -> dict[str, str]:
    """XML by name."""
    return dict(tx.cursor.all(_READ, {"account": tx.account, "collection": collection.collection}))


def set_properties(tx: Transaction, options: SetProperties) -> None:
    """All or none. Fault NOT_FOUND, LIMIT."""
    collection = tx.collection(options.collection)
    write(tx, collection, options.properties)
    tx.tick(collection)
    push.describe(tx, collection)
    tx.save(collection)


def write(tx: Transaction, collection: Collection, given: dict[str, str | None]) -> None:
    """The caller ticks. Fault LIMIT."""
    key = {"account": tx.account, "collection": collection.collection}
    for name, xml in given.items():
        tx.cursor.execute(_DROP, {**key, "name": name})
        if xml is not None and len(xml) > _LONGEST:
            raise Fault(Kind.LIMIT, "A property is too long.")
        if xml is not None:
            tx.cursor.execute(_ADD, {**key, "name": name, "xml": xml})
    if len(properties(tx, collection)) > _MOST:
        raise Fault(Kind.LIMIT, "The collection has too many properties.")
