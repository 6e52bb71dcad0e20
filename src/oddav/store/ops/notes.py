"""What an account's apps note about collections of others: everybody has names, colours and an order of their own."""

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Notes
from oddav.store.transaction import Transaction

_MOST = 5000
_LONGEST = 10_000

_note = schema.note
_OURS = _note.c.account == bindparam("account")
_ALL = statement(select(_note.c.owner, _note.c.collection, _note.c.name, _note.c.xml).where(_OURS))
_COUNT = statement(select(func.count()).select_from(_note).where(_OURS))
_SET = statement(
    upsert(_note).on_conflict_do_update(
        index_elements=["account", "owner", "collection", "name"], set_={"xml": literal_column("excluded.xml")}
    )
)
_DROP = statement(
    delete(_note).where(
        _OURS,
        _note.c.owner == bindparam("owner"),
        _note.c.collection == bindparam("collection"),
        _note.c.name == bindparam("name"),
    )
)


def notes(tx: Transaction) -> dict[tuple[str, int], dict[str, str]]:
    """By owner and collection."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for owner, collection, name, xml in tx.cursor.all(_ALL, {"account": tx.account}):
        found.setdefault((owner, collection), {})[name] = xml
    return found


def note(tx: Transaction, options: Notes) -> None:
    """All or none. Fault LIMIT."""
    key = {"account": tx.account, "owner": options.owner, "collection": options.collection}
    for name, xml in options.properties.items():
        if xml is None:
            tx.cursor.execute(_DROP, {**key, "name": name})
        elif len(xml) > _LONGEST:
            raise Fault(Kind.LIMIT, "A property is too long.")
        else:
            tx.cursor.execute(_SET, {**key, "name": name, "xml": xml})
    if tx.cursor.first(_COUNT, {"account": tx.account})[0] > _MOST:
        raise Fault(Kind.LIMIT, "There are too many properties.")
