"""A resource changes its name or its collection, and nothing else.  RFC 4918 9.9"""

from sqlalchemy import bindparam, update

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Move
from oddav.store.ops.put import check_component, check_uid, revive
from oddav.store.ops.remove import bury
from oddav.store.transaction import Transaction, check_match

_item = schema.item
_MOVE = statement(
    update(_item)
    .where(_item.c.account == bindparam("account"), _item.c.item == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in ("collection", "href", "modseq")})
).replace(":new_", ":")


def move(tx: Transaction, options: Move) -> bool:
    """Whether the new name is one that was not there before. Fault NOT_FOUND, CONFLICT, EXISTS, UNSUPPORTED."""
    source = tx.collection(options.collection)
    target = source if options.to_collection == options.collection else tx.collection(options.to_collection)
    item = tx.find_item(source, options.href)
    if item is None:
        raise Fault(Kind.NOT_FOUND, "There is no such resource.")
    check_match(item, options.if_match)
    if (source.name, options.href) == (target.name, options.to_href):
        raise Fault(Kind.DENIED, "It is there already.")
    check_component(target, item.component)
    before = tx.find_item(target, options.to_href)
    if before is not None and not options.overwrite:
        raise Fault(Kind.CONFLICT, "There is something of that name.")
    if before is not None and before.uid != item.uid:
        raise Fault(Kind.EXISTS, before.href)
    if source is not target:
        check_uid(tx, target, options.to_href, item.uid)
    if before is not None:
        home = tx.home()
        home.octets -= before.size
        tx.save_home(home)
        tx.drop(before)
        target.items -= 1
    bury(tx, source, item)
    target.items += 1
    row = {"collection": target.collection, "href": options.to_href, "modseq": tx.tick(target)}
    tx.cursor.execute(_MOVE, {"account": tx.account, "key": item.item, **row})
    revive(tx, target, options.to_href)
    tx.save(source)
    tx.save(target)
    return before is None
