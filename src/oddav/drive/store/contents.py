"""Where the octets of files lie: small ones in a row, which one fsync keeps with the file's name; large ones in a blob.

P4: a name is on the disk only with its octets, and octets go only when nothing names them any more.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore.blob.digest import digest_of, names
from odcore.blob.incoming import File, Memory
from odcore.blob.store import DAY, Blobs
from odcore.sql.statement import among, statement, values
from oddav.drive.store import schema
from oddav.drive.store.transaction import Transaction

_content = schema.content
_ONE = (_content.c.account == bindparam("account"), _content.c.digest == bindparam("digest"))
_OCTETS = statement(select(_content.c.octets).where(*_ONE))
_HELD = statement(select(_content.c.digest).where(*_ONE))
_KEEP = statement(upsert(_content).on_conflict_do_nothing())
_DROP = statement(delete(_content).where(_ONE[0], among(_content.c.digest, "digests")))
_OLD = statement(
    select(_content.c.digest).where(_content.c.account == bindparam("account"), _content.c.added < bindparam("before"))
)


def keep(tx: Transaction, source: Memory | File, blobs: Blobs) -> str:
    """In the transaction that names them: no purge comes between. Their digest."""
    if source.path is not None:
        blobs.link_from(source.path, str(source.digest))
        return str(source.digest)
    octets = source.view()
    digest = digest_of(octets)
    add(tx, {digest: octets})
    return digest


def add(tx: Transaction, rows: Mapping[str, bytes | memoryview]) -> None:
    """Small ones, by digest."""
    for digest, octets in rows.items():
        tx.cursor.execute(_KEEP, tx.bound(digest=digest, octets=octets, added=tx.now))


def small(tx: Transaction, digest: str) -> bytes | None:
    """Those that lie in a row; None for those in a blob."""
    row = tx.cursor.first(_OCTETS, tx.bound(digest=digest))
    return row[0] if row else None


def holds(tx: Transaction, digest: str, blobs: Blobs) -> bool:
    """Are they here, in a row or a blob?"""
    return tx.cursor.first(_HELD, tx.bound(digest=digest)) is not None or blobs.holds(digest)


def drop(tx: Transaction, digests: Iterable[str], blobs: Blobs) -> None:
    """Call it in the transaction that made sure nothing names them."""
    tx.cursor.execute(_DROP, tx.bound(digests=values(digests)))
    for digest in digests:
        blobs.delete(digest)


def sweep(tx: Transaction, named: Callable[[Iterable[str]], set[str]], blobs: Blobs) -> None:
    """What a crash left, and what was brought for a copy that did not come about."""
    old = {digest for (digest,) in tx.cursor.all(_OLD, tx.bound(before=tx.now - DAY))}
    drop(tx, old - named(old), blobs)
    blobs.sweep(lambda digest: digest in named([digest]))


def fault_of(tx: Transaction, digest: str, size: int, blobs: Blobs, *, octets: bool) -> str | None:
    """What is wrong with them: missing, damaged. With `octets` all of them are read."""
    row = small(tx, digest)
    if row is not None:
        whole = len(row) == size and (not octets or names(digest, row))
    elif not blobs.holds(digest):
        return "missing"
    else:
        whole = blobs.path(digest).stat().st_size == size and (not octets or blobs.verify(digest))
    return None if whole else "damaged"
