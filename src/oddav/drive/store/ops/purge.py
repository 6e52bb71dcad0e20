"""What was deleted or replaced long ago goes for good, and so do the contents nobody names any more.  P4"""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, select

from odcore.blob.store import Blobs
from odcore.sql.statement import among, statement, values
from oddav.drive.store import contents, schema
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import Transaction

_node, _version, _property, _share = schema.node, schema.version, schema.dead_property, schema.share
_GONE = statement(
    select(_node.c.node).where(
        _node.c.account == bindparam("account"), _node.c.trashed.is_not(None), _node.c.trashed < bindparam("before")
    )
)
_OLD = (_version.c.account == bindparam("account"), _version.c.replaced < bindparam("before"))
_OLD_DIGESTS = statement(select(_version.c.digest).where(*_OLD))
_REMOVE_OLD = statement(delete(_version).where(*_OLD))
_DIGESTS_OF = statement(
    select(_version.c.digest).where(_version.c.account == bindparam("account"), among(_version.c.node, "nodes"))
)
_REMOVE = [
    statement(delete(table).where(table.c.account == bindparam("account"), among(table.c.node, "nodes")))
    for table in (_version, _property, _share, _node)
]
_NAMED = [
    statement(
        select(table.c.account)
        .where(table.c.account == bindparam("account"), table.c.digest == bindparam("digest"))
        .limit(1)
    )
    for table in (_node, _version)
]


def purge(tx: Transaction, before: int) -> set[str]:
    """Digests of contents that may have lost their last name."""
    nodes = [each for (top,) in tx.cursor.all(_GONE, tx.bound(before=before)) for each in tree(tx, top)]
    numbers = values(each.node for each in nodes)
    digests = {each.digest for each in nodes if each.digest}
    digests.update(digest for (digest,) in tx.cursor.all(_DIGESTS_OF, tx.bound(nodes=numbers)))
    digests.update(digest for (digest,) in tx.cursor.all(_OLD_DIGESTS, tx.bound(before=before)))
    tx.cursor.execute(_REMOVE_OLD, tx.bound(before=before))
    for remove in _REMOVE if nodes else ():
        tx.cursor.execute(remove, tx.bound(nodes=numbers))
    return digests


def delete_contents(tx: Transaction, digests: Iterable[str], blobs: Blobs) -> None:
    """Those that nothing names."""
    for digest in digests:
        if not is_named(tx, digest):
            contents.drop(tx, digest, blobs)


def is_named(tx: Transaction, digest: str) -> bool:
    """By a file, in the trash or not, or by a version."""
    return any(tx.cursor.first(named, tx.bound(digest=digest)) for named in _NAMED)
