"""What was deleted or replaced long ago goes for good, and so do the contents nobody names any more.  P4"""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, or_, select

from odcore.blob.store import Blobs
from odcore.sql.statement import among, statement, values
from oddav.drive.store import contents, schema
from oddav.drive.store.ops.kept import number_of
from oddav.drive.store.ops.tree import tree
from oddav.drive.store.transaction import Transaction

_node, _version, _property, _share = schema.node, schema.version, schema.dead_property, schema.share
_GONE = statement(
    select(_node.c.node).where(
        _node.c.account == bindparam("account"), _node.c.trashed.is_not(None), _node.c.trashed < bindparam("before")
    )
)
_TRASHED = statement(
    select(_node.c.node).where(
        _node.c.account == bindparam("account"), _node.c.trashed.is_not(None), among(_node.c.node, "nodes")
    )
)
_OLD = statement(
    select(_version.c.version).where(
        _version.c.account == bindparam("account"), _version.c.replaced < bindparam("before")
    )
)
_VERSIONS = statement(
    select(_version.c.version, _version.c.digest, _version.c.size).where(
        _version.c.account == bindparam("account"),
        or_(among(_version.c.node, "nodes"), among(_version.c.version, "versions")),
    )
)
_REMOVE_VERSIONS = statement(
    delete(_version).where(_version.c.account == bindparam("account"), among(_version.c.version, "versions"))
)
_REMOVE = [
    statement(delete(table).where(table.c.account == bindparam("account"), among(table.c.node, "nodes")))
    for table in (_property, _share, _node)
]
_NAMED = [
    statement(
        select(table.c.digest)
        .where(table.c.account == bindparam("account"), among(table.c.digest, "digests"))
        .distinct()
    )
    for table in (_node, _version)
]


def purge(tx: Transaction, before: int) -> None:
    """What was deleted or replaced before that time."""
    forget(tx, [top for (top,) in tx.cursor.all(_GONE, tx.bound(before=before))], [])
    forget(tx, [], [version for (version,) in tx.cursor.all(_OLD, tx.bound(before=before))])


def forget_kept(tx: Transaction, ids: Sequence[str]) -> None:
    """What has these ids and is still kept. Fault NOT_FOUND for what is no id."""
    wanted = [number_of(each) for each in ids]
    tops = values(number for deleted, number in wanted if deleted)
    trashed = [top for (top,) in tx.cursor.all(_TRASHED, tx.bound(nodes=tops))]
    forget(tx, trashed, [number for deleted, number in wanted if not deleted])


def forget(tx: Transaction, tops: list[int], versions: list[int]) -> None:
    """For good: these in the trash with all that lies below them and their versions, and these versions of others."""
    nodes = [each for top in tops for each in tree(tx, top)]
    numbers = values(each.node for each in nodes)
    former = tx.cursor.all(_VERSIONS, tx.bound(nodes=numbers, versions=values(versions)))
    if not nodes and not former:
        return
    books = tx.books()
    books.kept -= sum(each.size for each in nodes) + sum(size for _, _, size in former)
    tx.save(books)
    tx.forgotten.update(each.digest for each in nodes if each.digest)
    tx.forgotten.update(digest for _, digest, _ in former)
    tx.cursor.execute(_REMOVE_VERSIONS, tx.bound(versions=values(version for version, _, _ in former)))
    for remove in _REMOVE if nodes else ():
        tx.cursor.execute(remove, tx.bound(nodes=numbers))


def delete_contents(tx: Transaction, digests: Iterable[str], blobs: Blobs) -> None:
    """Those that nothing names."""
    contents.drop(tx, set(digests) - named(tx, digests), blobs)


def named(tx: Transaction, digests: Iterable[str]) -> set[str]:
    """Those that a file, in the trash or not, or a version has."""
    bound = tx.bound(digests=values(digests))
    return {digest for statement in _NAMED for (digest,) in tx.cursor.all(statement, bound)}
