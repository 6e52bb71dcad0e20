"""One account's mail: each method is one use case in one transaction, and tells of it after the commit."""

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from odcore import clock, haste
from odcore.blob.api import Incoming
from odcore.blob.store import Blobs
from odcore.ids import AccountId, account_number
from odcore.sql.pool import Pool
from odmail.mailbox import keywords, messages
from odmail.mailbox.acl import Entry
from odmail.mailbox.api import (
    Annotations,
    Append,
    Appended,
    CreateMailbox,
    DeleteAcl,
    Expunge,
    Expunged,
    Fetch,
    Found,
    GetMetadata,
    Hold,
    Listed,
    RenameMailbox,
    Replace,
    Replaced,
    Search,
    SetAcl,
    SetMetadata,
    Since,
    Snapshot,
    Stored,
    StoreFlags,
    Subscribe,
    Transfer,
    Transferred,
)
from odmail.mailbox.changes import AnnotationHint, Changes, Hint
from odmail.mailbox.hold import FileHold
from odmail.mailbox.mirror import Mirrors
from odmail.mailbox.model import Mailbox, Quota, Rows
from odmail.mailbox.ops import (
    acl,
    append,
    changes,
    copy,
    create,
    delete,
    deliver,
    expunge,
    fetch,
    forget,
    index,
    listing,
    metadata,
    move,
    outline,
    purge,
    quota,
    remember,
    rename,
    renew,
    replace,
    scripts,
    search,
    store_flags,
    subscribe,
)
from odmail.mailbox.scripts import ActiveScript, Deliver, PutScript, RenameScript, ScriptEntry
from odmail.mailbox.transaction import Transaction

T = TypeVar("T")
Publish = Callable[[msgspec.Struct], None]


_CATCH_UP = 2.0
"""Seconds a search spends on indexing what is new; the rest it reads without the index."""

_PURGED_AT_ONCE = 200


class Account:
    """A binding of an account's id to its files; cheap to make and to forget."""

    __slots__ = ("_mirrors", "_number", "_path", "_pool", "_publish", "blobs", "id")

    def __init__(self, id: AccountId, folder: Path, pool: Pool, mirrors: Mirrors, publish: Publish) -> None:
        self.id = id
        self._number = account_number(id)
        self._path = folder / "mail.sqlite"
        self.blobs = Blobs(folder)
        self._pool = pool
        self._mirrors = mirrors
        self._publish = publish

    def mailboxes(self, reader: str = "") -> list[Mailbox]:
        return [*self.listed(reader)[0]]

    def listed(self, reader: str = "") -> Listed:
        return self.read(lambda tx: listing.listed(tx, reader_number(reader)))

    def mailbox(self, name: str, reader: str = "") -> Mailbox:
        return self.read(lambda tx: listing.mailbox(tx, name, reader_number(reader)))

    def create(self, options: CreateMailbox) -> Mailbox:
        return self.write(lambda tx: listing.describe(tx, create.create(tx, options), 0))

    def delete(self, name: str) -> None:
        self.write(lambda tx: delete.delete(tx, name))

    def rename(self, options: RenameMailbox) -> None:
        self.write(lambda tx: rename.rename(tx, options))

    def subscribe(self, options: Subscribe) -> None:
        self.write(lambda tx: subscribe.subscribe(tx, options))

    def take_recent(self, mailbox: int) -> int:
        return self.write(lambda tx: changes.take_recent(tx, mailbox))

    def uids(self, snapshot: Snapshot) -> "array[int]":
        return self.read(lambda tx: changes.uids(tx, snapshot, self._mirrors))

    def changes(self, since: Since) -> Changes:
        return self.read(lambda tx: changes.changes(tx, since, reader_number(since.reader), self._mirrors))

    def keywords(self) -> tuple[str, ...]:
        return self.read(keywords.names)

    def fetch(self, options: Fetch) -> Rows:
        reader = reader_number(options.reader)
        return self.read(lambda tx: fetch.fetch(tx, options, reader, self.blobs, self._mirrors))

    def store(self, options: StoreFlags) -> Stored:
        return self.write(lambda tx: store_flags.store_flags(tx, options, reader_number(options.reader)))

    def copy(self, options: Transfer) -> Transferred:
        return self.write(lambda tx: copy.copy(tx, options, reader_number(options.reader)))

    def move(self, options: Transfer) -> Transferred:
        return self.write(lambda tx: move.move(tx, options, reader_number(options.reader)))

    def expunge(self, options: Expunge) -> Expunged:
        return self.write(lambda tx: expunge.expunge(tx, options))

    def incoming(self) -> Incoming:
        return self.blobs.incoming()

    def append(self, options: Append) -> Appended:
        prepared = [messages.prepare(new, self.blobs) for new in options.messages]
        reader = reader_number(options.reader)
        return self.write(lambda tx: append.append(tx, options, reader, prepared, self.blobs))

    def replace(self, options: Replace) -> Replaced:
        (new,) = options.new.messages
        prepared = messages.prepare(new, self.blobs)
        reader = reader_number(options.new.reader)
        return self.write(lambda tx: replace.replace(tx, options, reader, prepared, self.blobs))

    def search(self, options: Search) -> Found:
        words = search.texts_of(options.criterion)
        if words:
            haste.wait()
            patience = clock.monotonic() + _CATCH_UP
            while clock.monotonic() < patience and self.index_pending():
                pass
        return search.search(self.read, options, words, reader_number(options.reader), self.blobs, self._mirrors)

    def quota(self) -> Quota:
        return self.read(quota.quota)

    def acl(self, name: str) -> list[Entry]:
        return self.read(lambda tx: acl.entries(tx, name))

    def acl_above(self, name: str) -> list[Entry]:
        return self.read(lambda tx: acl.nearest(tx, name))

    def acls(self) -> dict[int, list[Entry]]:
        return self.read(acl.all_entries)

    def acl_subjects(self) -> frozenset[str]:
        return self.read(acl.subjects)

    def set_acl(self, options: SetAcl) -> str:
        return self.write(lambda tx: acl.set_acl(tx, options))

    def delete_acl(self, options: DeleteAcl) -> None:
        self.write(lambda tx: acl.delete_acl(tx, options))

    def scripts(self) -> list[ScriptEntry]:
        return self.read(scripts.scripts)

    def script(self, name: str) -> str:
        return self.read(lambda tx: scripts.script(tx, name))

    def active_script(self, known: int = 0) -> ActiveScript | None:
        return self.read(lambda tx: scripts.active(tx, known))

    def check_script_space(self, name: str, size: int) -> None:
        self.read(lambda tx: scripts.check_space(tx, name, size))

    def put_script(self, options: PutScript) -> None:
        self.write(lambda tx: scripts.put(tx, options))

    def rename_script(self, options: RenameScript) -> None:
        self.write(lambda tx: scripts.rename(tx, options))

    def delete_script(self, name: str) -> None:
        self.write(lambda tx: scripts.remove(tx, name))

    def activate_script(self, name: str) -> None:
        self.write(lambda tx: scripts.activate(tx, name))

    def is_remembered(self, key: str) -> bool:
        return self.read(lambda tx: remember.is_remembered(tx, key))

    def deliver(self, options: Deliver) -> list[list[tuple[str, int]]]:
        prepared = [messages.prepare(each.message, self.blobs) for each in options.messages]
        return self.write(lambda tx: deliver.deliver(tx, options, prepared, self.blobs))

    def get_metadata(self, options: GetMetadata) -> dict[str, bytes]:
        return self.read(lambda tx: metadata.get_metadata(tx, options, reader_number(options.reader)))

    def set_metadata(self, options: SetMetadata) -> int:
        return self.write(lambda tx: metadata.set_metadata(tx, options, reader_number(options.reader)))

    def metadata_since(self, modseq: int, reader: str = "") -> Annotations:
        return self.read(lambda tx: metadata.changed(tx, modseq, reader_number(reader)))

    def mailboxes_by_id(self, mailboxes: Sequence[int], reader: str = "") -> list[Mailbox]:
        return self.read(lambda tx: listing.mailboxes_by_id(tx, mailboxes, reader_number(reader)))

    def hold(self) -> Hold:
        return FileHold(self._path.parent)

    def index_pending(self) -> int:
        """Put a few messages into the text index; how many, 0 when all are in it. For idle moments."""
        return index.index_pending(self.read, self.write, self.blobs)

    def renew(self) -> int:
        """Give a few messages of an older kind what new ones have; 0 when there are none. For idle moments."""
        return renew.renew(self.read, self.write) or outline.draw_old(self.read, self.write)

    def purge(self) -> int:
        """Erase a few messages that were expunged everywhere, with their octets; 0 when none is left."""
        looked_at, digests = self.write(lambda tx: purge.purge(tx, _PURGED_AT_ONCE))
        if digests:
            self.write(lambda tx: purge.delete_blobs(tx, digests, self.blobs))
        return looked_at

    def sweep(self) -> int:
        """Once a day: forget old expunges, and delete files a crash left behind; how many."""
        self.write(forget.forget)
        return self.write(lambda tx: purge.sweep(tx, self.blobs))

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` on one consistent view."""
        with self._pool.use(self._path) as database, database.read() as cursor:
            return work(Transaction(cursor, self._number))

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction of its own or shared with others; hint at what it changed once it is durable."""
        hints: dict[int, int] = {}
        annotated: dict[int, int] = {}

        def run(tx: Transaction) -> T:
            result = work(tx)
            hints.update(tx.hints)
            annotated.update(tx.annotated)
            return result

        with self._pool.use(self._path) as database:
            result = database.submit(lambda cursor: run(Transaction(cursor, self._number)))
        for mailbox, modseq in hints.items():
            self._publish(Hint(self.id, mailbox, modseq))
        for mailbox, modseq in annotated.items():
            self._publish(AnnotationHint(self.id, mailbox, modseq))
        return result


def reader_number(reader: str) -> int:
    """A reader's key; 0 is the account's owner."""
    return account_number(AccountId(reader)) if reader else 0
