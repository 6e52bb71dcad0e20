"""All accounts' collections of this node: `collections.sqlite` in each account's folder, born at first sight."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog
from defusedxml.ElementTree import fromstring

from odcore.errors import Fault, Kind
from odcore.ids import AccountId, account_number
from odcore.sql.migrate import Schema
from odcore.sql.pool import Pool
from oddav.store.check import check
from oddav.store.model import (
    Changes,
    Collection,
    CollectionHint,
    Create,
    Item,
    Move,
    Notes,
    Put,
    Quiet,
    Range,
    Remove,
    SetProperties,
    Share,
    Stored,
)
from oddav.store.ops import births, changes, create, move, notes, properties, push, put, read, remove, shares, zone
from oddav.store.transaction import MOST_OCTETS, Transaction

log = structlog.get_logger()

T = TypeVar("T")
Publish = Callable[[msgspec.Struct], None]
_TITLE = "{DAV:}displayname"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SCHEMA = Schema("oddav.store")


class Store:
    """Opens accounts below one folder. Safe to share between threads; several processes may share the folder."""

    def __init__(self, folder: Path, open_accounts: int, zone: tzinfo, publish: Publish = lambda _: None) -> None:
        """`publish` tells other processes (`odcore.bus`): called after each commit, from any thread."""
        self._folder = folder
        self.zone = zone
        self._publish = publish
        self._pool = Pool(SCHEMA, open_accounts)
        self._born: set[AccountId] = set()

    def open(self, account: AccountId, first: tuple[Create, ...], quota: int = 0, quiet: Quiet | None = None) -> "Home":
        """The account's collections; when there are none yet, `first` is made, unless that is nothing.

        A `quota` of 0 is that of all; `quiet` are devices that know of the changes that are made.
        """
        if not _ID.fullmatch(account):
            raise Fault(Kind.NOT_FOUND, "No such account.")
        home = Home(account, self._path(account), self._pool, self.zone, self._publish, quota, quiet)
        if first and account not in self._born:
            if home.read(lambda tx: births.lacking(tx, first)) is not None:
                home.write(lambda tx: _give_birth(tx, account, first))
            self._born.add(account)
        return home

    def has(self, account: AccountId) -> bool:
        """Has it ever been given anything here?"""
        if account in self._born:
            return True
        return self._path(account).exists() and self.open(account, ()).read(births.is_born)

    def accounts(self) -> list[AccountId]:
        """All that have ever been opened here."""
        return sorted(AccountId(path.parent.name) for path in self._folder.glob("??/*/collections.sqlite"))

    def breaches(self, account: AccountId) -> list[str]:
        """Of the invariants; none when all is well."""
        return self.open(account, ()).read(check)

    def close(self) -> None:
        """Let go of all files; a later use opens them again."""
        self._pool.close()

    def _path(self, account: AccountId) -> Path:
        return self._folder.joinpath(account[:2], account, "collections.sqlite")


def _give_birth(tx: Transaction, account: AccountId, first: tuple[Create, ...]) -> None:
    """Another process may have been quicker."""
    made = births.lacking(tx, first)
    if made is not None:
        births.be_born(tx, made)
        log.info("collections_born", account=account)


class Home:
    """One account's collections: each method that writes is one use case in one transaction."""

    __slots__ = ("_number", "_path", "_pool", "_publish", "_quiet", "_zone", "id", "quota")

    def __init__(
        self,
        id: AccountId,
        path: Path,
        pool: Pool,
        zone: tzinfo,
        publish: Publish,
        quota: int,
        quiet: Quiet | None,
    ) -> None:
        self.id = id
        self._quiet = quiet
        self.quota = quota or MOST_OCTETS
        self._zone = zone
        self._number = account_number(id)
        self._path = path
        self._pool = pool
        self._publish = publish

    @contextmanager
    def view(self) -> Iterator["View"]:
        """One consistent picture for as long as the block lasts."""
        with self._pool.use(self._path) as database, database.read() as cursor:
            yield View(Transaction(cursor, self._number, self._zone, self.quota))

    def create(self, options: Create) -> Collection:
        return self.write(lambda tx: create.create(tx, options))

    def put(self, options: Put) -> Stored:
        return self.write(lambda tx: put.put(tx, options))

    def remove(self, options: Remove) -> bool:
        return self.write(lambda tx: remove.remove(tx, options))

    def remove_collection(self, name: str) -> None:
        self.write(lambda tx: remove.remove_collection(tx, name))

    def move(self, options: Move) -> bool:
        return self.write(lambda tx: move.move(tx, options))

    def set_properties(self, options: SetProperties) -> None:
        self.write(lambda tx: properties.set_properties(tx, options))

    def note(self, options: Notes) -> None:
        self.write(lambda tx: notes.note(tx, options))

    def notes(self) -> dict[tuple[str, int], dict[str, str]]:
        return self.read(notes.notes)

    def share(self, new: Share) -> None:
        self.write(lambda tx: shares.share(tx, new))

    def unshare(self, collection: str, subject: str) -> None:
        self.write(lambda tx: shares.unshare(tx, collection, subject))

    def shares(self) -> list[Share]:
        return self.read(shares.shares)

    def used(self) -> int:
        """Octets of all collections."""
        return self.read(lambda tx: tx.home().octets)

    def subjects(self) -> list[str]:
        return self.read(shares.subjects)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """A use case that only looks."""
        with self._pool.use(self._path) as database, database.read() as cursor:
            return work(Transaction(cursor, self._number, self._zone, self.quota))

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Durable when this returns; hints at what it changed."""
        hints: dict[int, int] = {}

        def run(tx: Transaction) -> T:
            result = work(tx)
            if self._quiet is not None:
                push.hush(tx, self._quiet)
            hints.update(tx.hints)
            return result

        with self._pool.use(self._path) as database:
            result = database.submit(lambda cursor: run(Transaction(cursor, self._number, self._zone, self.quota)))
        for collection, modseq in hints.items():
            self._publish(CollectionHint(self.id, collection, modseq))
        return result


class View:
    """What can be read of an account, all of one moment."""

    __slots__ = ("_tx",)

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def collections(self) -> list[Collection]:
        return self._tx.collections()

    def collection(self, name: str) -> Collection:
        return self._tx.collection(name)

    def properties(self, collection: Collection) -> dict[str, str]:
        return properties.properties(self._tx, collection)

    def title(self, collection: Collection) -> str:
        """As people know it; by the name in its path where it has none."""
        told = self.properties(collection).get(_TITLE, "")
        return ("".join(fromstring(told).itertext()).strip() if told else "") or collection.name

    def items(self, collection: Collection) -> list[Item]:
        return read.items(self._tx, collection)

    def item(self, collection: Collection, href: str) -> Item | None:
        return self._tx.find_item(collection, href)

    def named(self, collection: Collection, hrefs: Iterable[str]) -> list[Item]:
        return read.named(self._tx, collection, hrefs)

    def octets(self, items: Iterable[Item]) -> dict[int, bytes]:
        return read.octets(self._tx, items)

    def zone(self, collection: Collection) -> tzinfo:
        return zone.zone(self._tx, collection)

    def in_range(self, collection: Collection, wanted: Range) -> Iterator[tuple[Item, bool]]:
        return read.in_range(self._tx, collection, wanted)

    def changes(self, collection: Collection, token: str, most: int) -> Changes:
        return changes.changes(self._tx, collection, token, most)
