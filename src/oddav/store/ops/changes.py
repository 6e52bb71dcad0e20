"""What happened since a token.  RFC 6578 3"""

from sqlalchemy import bindparam, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Changes, Collection, Item
from oddav.store.transaction import ITEM_COLUMNS, Transaction

_item, _tomb = schema.item, schema.tombstone
_CHANGED = statement(
    select(*ITEM_COLUMNS)
    .where(
        _item.c.account == bindparam("account"),
        _item.c.collection == bindparam("collection"),
        _item.c.modseq > bindparam("since"),
    )
    .order_by(_item.c.modseq)
    .limit(bindparam("most"))
)
_GONE = statement(
    select(_tomb.c.modseq, _tomb.c.href)
    .where(
        _tomb.c.account == bindparam("account"),
        _tomb.c.collection == bindparam("collection"),
        _tomb.c.modseq > bindparam("since"),
    )
    .order_by(_tomb.c.modseq)
    .limit(bindparam("most"))
)


def changes(tx: Transaction, collection: Collection, token: str, most: int) -> Changes:
    """At most so many, oldest first; "" asks for all there is. Fault BAD_REQUEST for a token that tells nothing."""
    since = _since(collection, token) if token else 0
    key = {"account": tx.account, "collection": collection.collection, "since": since, "most": most + 1}
    changed = [Item(*row) for row in tx.cursor.all(_CHANGED, key)]
    gone = tx.cursor.all(_GONE, key) if token else []
    line = sorted([item.modseq for item in changed] + [modseq for modseq, _ in gone])
    if len(line) <= most:
        return Changes(changed, [href for _, href in gone], collection.token, more=False)
    last = line[most - 1]
    return Changes(
        [item for item in changed if item.modseq <= last],
        [href for modseq, href in gone if modseq <= last],
        collection.token_at(last),
        more=True,
    )


def _since(collection: Collection, token: str) -> int:
    """The modseq of a token of this collection, as long as nothing since then has been forgotten."""
    epoch, _, number = token.removeprefix("data:,").partition("-")
    if epoch != collection.epoch or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise Fault(Kind.BAD_REQUEST, "This sync token is not one of this collection.")
    if not collection.floor <= int(number) <= collection.modseq:
        raise Fault(Kind.BAD_REQUEST, "This sync token is too old.")
    return int(number)
