"""A file's content, new or in place of another, which is kept as a version.  RFC 4918 9.7"""

from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert

from odcore.blob.incoming import File, Memory
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from oddav.drive.store import contents, schema
from oddav.drive.store.model import Caller, Node, Stored
from oddav.drive.store.names import split
from oddav.drive.store.ops import locks
from oddav.drive.store.ops.bounds import thin
from oddav.drive.store.transaction import Books, Transaction, taken

_KEEP = statement(insert(schema.version))

_property = schema.dead_property
_TIME = "{urn:schemas-microsoft-com:}Win32LastModifiedTime"
"""What Windows noted of a content, and believes before all else: of the next one it is wrong."""
_FORGET_TIME = statement(
    delete(_property).where(
        _property.c.account == bindparam("account"),
        _property.c.node == bindparam("node"),
        _property.c.name == bindparam("name"),
    )
)


class Put(msgspec.Struct, frozen=True):
    """A content that has arrived in full."""

    path: str
    source: Memory | File
    mime: str
    quota: int
    seen: str | None = None  # the etag it must still have ("": it must not exist); None: no matter


def put(tx: Transaction, caller: Caller, new: Put, blobs: Blobs) -> Stored:
    """Faults CONFLICT, EXISTS, IN_USE, OVER_QUOTA; EXPUNGED when it is not as it was seen."""
    folder, name = tx.folder_of(new.path), split(new.path)[1]
    there = tx.member(folder.node, name)
    old = there if there is not None and there.name == name else None
    if new.seen is not None and new.seen != (old.etag if old else ""):
        raise Fault(Kind.EXPUNGED, "Somebody else has just changed it.")
    if old is not None and old.folder:
        raise Fault(Kind.EXISTS, "There is a folder of this name.")
    books = tx.begin()
    books.used += new.source.size - (old.size if old else 0)
    if new.quota and books.used > new.quota and new.source.size > (old.size if old else 0):
        raise Fault(Kind.OVER_QUOTA, "There is no room left for this file.")
    digest = contents.keep(tx, new.source, blobs)
    content: dict[str, Any] = {"digest": digest, "size": new.source.size, "mime": new.mime, "changed": tx.now}
    if old is None:
        locks.check_member(tx, caller, new.path)
        if there is not None:
            raise taken(there)
        node = tx.add(books, Node(0, folder.node, name, 0, created=tx.now, modseq=0, **content))
    else:
        locks.check(tx, caller, new.path)
        if old.digest != digest:
            keep(tx, books, old, caller.person)
        node = tx.change(books, old, **content)
        tx.cursor.execute(_FORGET_TIME, tx.bound(node=node.node, name=_TIME))
    tx.save(books)
    if old is not None:
        thin(tx, node.node)
    return Stored(node, old is None)


def check(tx: Transaction, caller: Caller, path: str, size: int, quota: int) -> None:
    """Before the content comes: would it be refused anyway?"""
    tx.folder_of(path)
    old = tx.find(path)
    locks.check(tx, caller, path)
    had = old.size if old else 0
    if quota and size > had and tx.books().used + size - had > quota:
        raise Fault(Kind.OVER_QUOTA, "There is no room left for this file.")


def keep(tx: Transaction, books: Books, old: Node, person: str) -> None:
    """The content a file has had so far. An empty one is not worth it."""
    if not old.size:
        return
    had = {name: getattr(old, name) for name in ("node", "digest", "size", "mime", "changed")}
    tx.cursor.execute(_KEEP, tx.bound(version=books.next_version, replaced=tx.now, person=person, **had))
    books.next_version += 1
    books.kept += old.size
