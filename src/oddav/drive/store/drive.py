"""One account's files: each method is one use case in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

from odcore import clock
from odcore.blob.incoming import IN_MEMORY, Incoming
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odcore.ids import AccountId, account_number
from odcore.sql.pool import Pool
from oddav.drive.settings import DriveSettings
from oddav.drive.store import contents
from oddav.drive.store.model import Caller, Entry, Kept, Lock, Node, Past, Room, Share, Stored
from oddav.drive.store.ops import (
    bounds,
    copy,
    delete,
    kept,
    listing,
    locks,
    mkcol,
    move,
    past,
    proppatch,
    purge,
    put,
    restore,
    shares,
)
from oddav.drive.store.transaction import Transaction

T = TypeVar("T")

_AT_ONCE = 1000
"""Contents that go in one transaction."""


class Drive:
    """A binding of an account's id to its files; cheap to make and to forget."""

    __slots__ = ("_number", "_path", "_pool", "_quota", "_settings", "blobs", "id")

    def __init__(self, id: AccountId, folder: Path, pool: Pool, settings: DriveSettings, quota: int = 0) -> None:
        """A `quota` of 0 is the site's."""
        self.id = id
        self.blobs = Blobs(folder / "drive")  # apart from those of mail, which sweeps what it does not know
        self._number = account_number(id)
        self._path = folder / "drive.sqlite"
        self._pool = pool
        self._settings = settings
        self._quota = quota or settings.quota

    def entry(self, path: str) -> Entry | None:
        return self.read(lambda tx: listing.entry(tx, path))

    def children(self, folder: Node) -> list[Entry]:
        return self.read(lambda tx: listing.children(tx, folder.node))

    def room(self) -> Room:
        books = self.read(Transaction.books)
        return Room(books.used, self._quota, books.kept)

    def content(self, node: Node | Past) -> BinaryIO:
        """A file's octets. Fault NOT_FOUND when they have just gone."""
        digest = str(node.digest)
        octets = self.read(lambda tx: contents.small(tx, digest)) if node.size <= IN_MEMORY else None
        if octets is not None:
            return BytesIO(octets)
        try:
            return open(self.blobs.path(digest), "rb")
        except FileNotFoundError as error:
            raise Fault(Kind.NOT_FOUND, "There is no such file.") from error

    def incoming(self) -> Incoming:
        return self.blobs.incoming()

    def put(self, caller: Caller, path: str, incoming: Incoming, mime: str, seen: str | None = None) -> Stored:
        new = put.Put(path, incoming.finish(), mime, self._quota, seen)
        return self.change(lambda tx: put.put(tx, caller, new, self.blobs))

    def check_put(self, caller: Caller, path: str, size: int) -> None:
        self.read(lambda tx: put.check(tx, caller, path, size, self._quota))

    def mkcol(self, caller: Caller, path: str) -> None:
        self.write(lambda tx: mkcol.mkcol(tx, caller, path))

    def delete(self, caller: Caller, path: str) -> None:
        self.change(lambda tx: delete.delete(tx, caller, path))

    def move(self, caller: Caller, source: str, target: str) -> None:
        self.change(lambda tx: move.move(tx, caller, source, target))

    def copy(self, caller: Caller, source: str, target: str, deep: bool) -> None:
        wanted = copy.Copy(source, target, deep, self._quota)
        self.change(lambda tx: copy.copy(tx, caller, wanted))

    def copy_from(self, caller: Caller, there: "Drive", source: str, target: str, deep: bool) -> None:
        """From another drive. Faults as `copy`."""
        self._graft(caller, there, there.read(lambda tx: copy.taken(tx, source, deep)), target)

    def move_from(self, caller: Caller, there: "Drive", source: str, target: str) -> None:
        """Two transactions: after a crash between them it is in both drives. Faults as `copy`, and EXPUNGED."""
        taken = there.read(lambda tx: copy.taken_to_move(tx, caller, source))
        self._graft(caller, there, taken, target)
        nodes = [each.node for each in taken]
        there.change(lambda tx: delete.delete_taken(tx, caller, source, nodes))

    def _graft(self, caller: Caller, there: "Drive", taken: list[Entry], target: str) -> None:
        def graft(tx: Transaction) -> None:
            copy.check_brought(tx, taken, self.blobs)
            copy.graft(tx, caller, copy.Graft(taken, target, self._quota))

        for digests in copy.contents_of(taken):
            self._bring(there, digests)
        self.change(graft)

    def _bring(self, there: "Drive", digests: list[str]) -> None:
        """Contents of another drive, each drive in transactions of its own."""
        missing = self.read(lambda tx: [each for each in digests if not contents.holds(tx, each, self.blobs)])
        small = there.read(lambda tx: {each: contents.small(tx, each) for each in missing})
        for digest in (each for each, octets in small.items() if octets is None):
            self.blobs.link_from(str(there.blobs.path(digest)), digest)
        rows = {digest: octets for digest, octets in small.items() if octets is not None}
        if rows:
            self.write(lambda tx: contents.add(tx, rows))

    def proppatch(self, caller: Caller, path: str, changes: Mapping[str, bytes | None]) -> None:
        self.write(lambda tx: proppatch.proppatch(tx, caller, path, changes))

    def past(self, instant: int) -> list[Past]:
        return self.read(lambda tx: past.past(tx, instant))

    def kept(self) -> list[Kept]:
        return self.read(kept.kept)

    def restore(self, caller: Caller, id: str) -> str:
        return self.change(lambda tx: restore.restore(tx, caller, id))

    def shares(self) -> list[Share]:
        return self.read(shares.shares)

    def subjects(self) -> list[str]:
        return self.read(shares.subjects)

    def share(self, new: Share) -> None:
        self.write(lambda tx: shares.share(tx, new))

    def unshare(self, path: str, subject: str) -> None:
        self.write(lambda tx: shares.unshare(tx, path, subject))

    def locks(self) -> list[Lock]:
        return self.read(locks.locks)

    def lock(self, new: Lock) -> None:
        self.write(lambda tx: locks.lock(tx, new))

    def refresh(self, token: str, until: int) -> None:
        self.write(lambda tx: locks.refresh(tx, token, until))

    def unlock(self, token: str) -> None:
        self.write(lambda tx: locks.unlock(tx, token))

    def forget(self, ids: Sequence[str]) -> None:
        """Of what is kept, these go for good; those that went meanwhile do not matter. Fault NOT_FOUND for no id."""
        self.change(lambda tx: purge.forget_kept(tx, ids))

    def purge(self) -> None:
        """Once a day: what has been kept long enough, and what a crash left."""
        before = clock.timestamp() - int(self._settings.keep)
        self.change(lambda tx: purge.purge(tx, before))
        self.write(lambda tx: contents.sweep(tx, lambda digests: purge.named(tx, digests), self.blobs))

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one consistent view."""
        with self._pool.use(self._path) as database, database.read() as cursor:
            return work(Transaction(cursor, self._number))

    def change(self, work: Callable[[Transaction], T]) -> T:
        """`write` for what may add to the past or take from it: in its bounds, and contents go with their last name."""

        def bounded(tx: Transaction) -> tuple[T, set[str]]:
            result = work(tx)
            bounds.fit(tx, self._quota)
            return result, tx.forgotten

        result, forgotten = self.write(bounded)
        self._delete_contents(list(forgotten))
        return result

    def _delete_contents(self, digests: list[str]) -> None:
        """Some at a time: others have their turn between."""
        for start in range(0, len(digests), _AT_ONCE):
            some = digests[start : start + _AT_ONCE]
            self.write(partial(purge.delete_contents, digests=some, blobs=self.blobs))

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction of its own or shared with others; durable when this returns."""
        with self._pool.use(self._path) as database:
            return database.submit(lambda cursor: work(Transaction(cursor, self._number)))
