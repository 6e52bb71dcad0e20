"""A resource comes in: its octets as they are, its facts beside them.  RFC 4791 5.3.2, RFC 6352 6.3.2"""

from hashlib import blake2b

from sqlalchemy import bindparam, delete, insert, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Collection, Item, Put, Stored
from oddav.store.model import Kind as Holds
from oddav.store.transaction import MOST_ITEMS, Transaction, check_match

_item = schema.item
_ADD_ITEM = statement(insert(_item))
_ADD_BODY = statement(insert(schema.body))
_SAME_UID = statement(
    select(_item.c.href).where(
        _item.c.account == bindparam("account"),
        _item.c.collection == bindparam("collection"),
        _item.c.uid == bindparam("uid"),
        _item.c.href != bindparam("href"),
    )
)
_REVIVE = statement(
    delete(schema.tombstone).where(
        schema.tombstone.c.account == bindparam("account"),
        schema.tombstone.c.collection == bindparam("collection"),
        schema.tombstone.c.href == bindparam("href"),
    )
)


def put(tx: Transaction, options: Put) -> Stored:
    """Fault NOT_FOUND (collection), CONFLICT (preconditions), UNSUPPORTED (component), EXISTS (UID), OVER_QUOTA."""
    collection = tx.collection(options.collection)
    before = tx.find_item(collection, options.href)
    check_match(before, options.if_match, options.if_none_match)
    _check(tx, collection, options, before)
    etag = f'"{blake2b(options.octets, digest_size=20).hexdigest()}"'
    if before is not None and before.etag == etag:
        return Stored(etag, created=False, schedule_tag=before.schedule_tag)  # the same octets again change nothing
    home = tx.home()
    home.take(len(options.octets) - (before.size if before else 0), tx.quota)
    if before is not None:
        tx.drop(before)
    else:
        collection.items += 1
    key, home.next_item = home.next_item, home.next_item + 1
    _add(tx, collection, options, key, etag)
    tx.save(collection)
    tx.save_home(home)
    return Stored(etag, created=before is None, schedule_tag=options.schedule_tag)


def revive(tx: Transaction, collection: Collection, href: str) -> None:
    """A name that was gone is there again."""
    tx.cursor.execute(_REVIVE, {"account": tx.account, "collection": collection.collection, "href": href})


def check_uid(tx: Transaction, collection: Collection, href: str, uid: str) -> None:
    """Fault EXISTS: `text` is the name of who has the UID.  RFC 4791 5.3.2.1, no-uid-conflict"""
    key = {"account": tx.account, "collection": collection.collection}
    other = tx.cursor.first(_SAME_UID, {**key, "href": href, "uid": uid})
    if other is not None:
        raise Fault(Kind.EXISTS, other[0])


def check_component(collection: Collection, component: str) -> None:
    """Fault UNSUPPORTED.  RFC 4791 5.3.2.1, supported-calendar-component"""
    if component not in collection.components.split(","):
        raise Fault(Kind.UNSUPPORTED, "This collection does not hold such components.")


def _check(tx: Transaction, collection: Collection, options: Put, before: Item | None) -> None:
    check_component(collection, options.facts.component)
    if collection.kind != Holds.INBOX:  # the same thing may be told of many times
        check_uid(tx, collection, options.href, options.facts.uid)
    if before is not None and before.uid != options.facts.uid:
        raise Fault(Kind.EXISTS, before.href)
    if before is None and collection.items >= MOST_ITEMS:
        raise Fault(Kind.OVER_QUOTA, f"A collection holds at most {MOST_ITEMS} resources.")


def _add(tx: Transaction, collection: Collection, options: Put, key: int, etag: str) -> None:
    facts = options.facts
    row = {
        "account": tx.account,
        "item": key,
        "collection": collection.collection,
        "href": options.href,
        "uid": facts.uid,
        "etag": etag,
        "component": facts.component,
        "exact_until": facts.exact_until,
        "size": len(options.octets),
        "modseq": tx.tick(collection),
        "modified": collection.modified,
        "schedule_tag": options.schedule_tag,
    }
    tx.cursor.execute(_ADD_ITEM, row)
    tx.cursor.execute(_ADD_BODY, {"account": tx.account, "item": key, "octets": options.octets})
    for table, spans in ((schema.occurrence, facts.occurrences), (schema.floating, facts.floating)):
        tx.cursor.insert(table, ("account", "item", "begins", "ends"), [(tx.account, key, *span) for span in spans])
    revive(tx, collection, options.href)
