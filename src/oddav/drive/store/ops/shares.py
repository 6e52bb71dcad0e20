"""Who is let into which folders. An entry stays with its folder when that moves, and rests while it is in the trash."""

from collections.abc import Iterator

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import schema
from oddav.drive.store.model import Share
from oddav.drive.store.ops.kept import path_of_node
from oddav.drive.store.transaction import Transaction

MOST = 500
"""Entries of one drive."""

_share = schema.share
_OURS = _share.c.account == bindparam("account")
_ALL = statement(select(_share.c.node, _share.c.subject, _share.c.writes, _share.c.giver).where(_OURS))
_COUNT = statement(select(func.count()).select_from(_share).where(_OURS))
_SUBJECTS = statement(select(_share.c.subject).where(_OURS).distinct().order_by(_share.c.subject))
_GIVE = statement(
    upsert(_share).on_conflict_do_update(
        index_elements=["account", "node", "subject"],
        set_={name: literal_column(f"excluded.{name}") for name in ("writes", "giver")},
    )
)
_END = statement(
    delete(_share).where(_OURS, _share.c.node == bindparam("node"), _share.c.subject == bindparam("subject"))
)


def shares(tx: Transaction) -> list[Share]:
    """Of folders that are there, by path."""
    return sorted(_shares(tx), key=lambda each: (each.path, each.subject))


def _shares(tx: Transaction) -> Iterator[Share]:
    for node, subject, writes, giver in tx.cursor.all(_ALL, tx.bound()):
        path = path_of_node(tx, node)
        if path is not None:
            yield Share(path, subject, bool(writes), giver)


def subjects(tx: Transaction) -> list[str]:
    """Whom entries name, those of folders in the trash included."""
    return [subject for (subject,) in tx.cursor.all(_SUBJECTS, tx.bound())]


def share(tx: Transaction, new: Share) -> None:
    """In place of what was given to the same subject. Faults NOT_FOUND, BAD_REQUEST, LIMIT."""
    node = tx.known(new.path)
    if not node.folder:
        raise Fault(Kind.BAD_REQUEST, "Only folders are shared.")
    if tx.cursor.first(_COUNT, tx.bound())[0] >= MOST:
        raise Fault(Kind.LIMIT, f"There are {MOST} entries already, and no more are allowed.")
    row = tx.bound(node=node.node, subject=new.subject, writes=int(new.writes), giver=new.giver)
    tx.cursor.execute(_GIVE, row)


def unshare(tx: Transaction, path: str, subject: str) -> None:
    """Fault NOT_FOUND."""
    tx.cursor.execute(_END, tx.bound(node=tx.known(path).node, subject=subject))
    if not tx.cursor.connection.changes():
        raise Fault(Kind.NOT_FOUND, f"{path} is not shared with them.")
