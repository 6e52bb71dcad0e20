"""Who is let into which collections."""

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.store import schema
from oddav.store.model import Right, Share
from oddav.store.transaction import Transaction

_MOST = 1000
"""Entries of one account."""

_share, _collection = schema.share, schema.collection
_OURS = _share.c.account == bindparam("account")
_ALL = statement(
    select(_collection.c.name, _share.c.subject, _share.c.access, _share.c.giver)
    .join(
        _collection,
        (_collection.c.account == _share.c.account) & (_collection.c.collection == _share.c.collection),
    )
    .where(_OURS)
    .order_by(_collection.c.name, _share.c.subject)
)
_COUNT = statement(select(func.count()).select_from(_share).where(_OURS))
_SUBJECTS = statement(select(_share.c.subject).where(_OURS).distinct().order_by(_share.c.subject))
_GIVE = statement(
    upsert(_share).on_conflict_do_update(
        index_elements=["account", "collection", "subject"],
        set_={name: literal_column(f"excluded.{name}") for name in ("access", "giver")},
    )
)
_END = statement(
    delete(_share).where(
        _OURS, _share.c.collection == bindparam("collection"), _share.c.subject == bindparam("subject")
    )
)


def shares(tx: Transaction) -> list[Share]:
    """By collection."""
    rows = tx.cursor.all(_ALL, {"account": tx.account})
    return [Share(name, subject, Right(access), giver) for name, subject, access, giver in rows]


def subjects(tx: Transaction) -> list[str]:
    """Whom entries name."""
    return [subject for (subject,) in tx.cursor.all(_SUBJECTS, {"account": tx.account})]


def share(tx: Transaction, new: Share) -> None:
    """In place of what was given to the same subject. Faults NOT_FOUND, LIMIT."""
    collection = tx.collection(new.collection)
    if tx.cursor.first(_COUNT, {"account": tx.account})[0] >= _MOST:
        raise Fault(Kind.LIMIT, f"There are {_MOST} entries already, and no more are allowed.")
    key = {"account": tx.account, "collection": collection.collection, "subject": new.subject}
    tx.cursor.execute(_GIVE, {**key, "access": int(new.right), "giver": new.giver})


def unshare(tx: Transaction, name: str, subject: str) -> None:
    """Fault NOT_FOUND."""
    key = {"account": tx.account, "collection": tx.collection(name).collection, "subject": subject}
    tx.cursor.execute(_END, key)
    if not tx.cursor.connection.changes():
        raise Fault(Kind.NOT_FOUND, f"{name} is not shared with them.")
