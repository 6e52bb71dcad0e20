"""Import: one source into one account, in batches that enter whole, and without duplicates when it is run again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import msgspec

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.mailbox import whole
from odmail.mailbox.api import CreateMailbox, Fetch, MailAccount, Subscribe
from odmail.mailbox.model import Need
from odmail.transfer.journal import Begun, Journal
from odmail.transfer.model import Folder, Letter, Progress, Result, Source, Unreadable
from odmail.transfer.targets import targets

_MESSAGES = 100
_OCTETS = 8 << 20
"""A batch: a transaction, and what may be done twice at the most."""


class Import(msgspec.Struct, frozen=True):
    """What is wanted. `rate` is octets a second, 0 for no bound; `into` a mailbox above everything."""

    into: str = ""
    rate: int = 0
    dry_run: bool = False


class Importer:
    """Brings mail into `account`. `folder` keeps the journals; `check_space` says when the disk is full."""

    def __init__(
        self, account: MailAccount, folder: Path, progress: Progress, check_space: Callable[[], None] = lambda: None
    ) -> None:
        self._account = account
        self._folder = folder
        self._progress = progress
        self._check_space = check_space
        self._pause = threading.Event()

    def run(self, source: Source, wanted: Import) -> list[Result]:
        """All folders. Faults OVER_QUOTA and LIMIT end it; what was done stays done, and another run goes on."""
        name = _digest(f"{self._account.id}\0{source.name}\0{wanted.into}".encode())[:32]
        journal = Journal(self._folder / f"{name}.jsonl", self._is_stored)
        try:
            folders = source.folders()
            names = targets(folders, self._account.mailboxes(), wanted.into)
            return [self._import(source, each, names[each.name], journal, wanted) for each in folders]
        finally:
            journal.close()

    def _import(self, source: Source, folder: Folder, target: str, journal: Journal, wanted: Import) -> Result:
        known = journal.done(folder.name)
        result = Result(folder.name, target, folder.messages, before=min(len(known), folder.messages))
        self._progress.folder(result)
        if wanted.dry_run:
            return result
        self._prepare(target)
        begun, octets = clock.monotonic(), 0
        for batch in _batches(source.letters(folder, frozenset(known)), result):
            self._check_space()
            self._store(folder.name, target, batch, journal)
            size = sum(len(each.octets) for each in batch)
            octets += size
            result.done += len(batch)
            self._progress.moved(len(batch), size)
            if wanted.rate:
                self._pause.wait(max(0.0, octets / wanted.rate - (clock.monotonic() - begun)))
        return result

    def _prepare(self, target: str) -> None:
        try:
            self._account.mailbox(target)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            self._account.create(CreateMailbox(target))
            self._account.subscribe(Subscribe(target, True))

    def _store(self, folder: str, target: str, batch: Sequence[Letter], journal: Journal) -> None:
        box = self._account.mailbox(target)
        digests = [_digest(each.octets) for each in batch]
        entry = Begun(folder, target, box.mailbox_id, box.uidnext, [each.key for each in batch], digests)
        journal.begin(entry)
        try:
            self._append(target, batch, keywords=True)
        except Fault as fault:
            if fault.kind is not Kind.LIMIT or not any(each.keywords for each in batch):
                journal.miss()
                raise
            self._append(target, batch, keywords=False)  # an account has only so many different ones
        journal.end(entry)

    def _append(self, target: str, batch: Sequence[Letter], *, keywords: bool) -> None:
        letters = (
            whole.Letter(each.octets, each.flags, each.keywords if keywords else (), each.received) for each in batch
        )
        whole.put(self._account, target, letters)

    def _is_stored(self, batch: Begun) -> bool:
        """Did the transaction happen? All its messages then stand together, from the uid that was next on."""
        try:
            box = self._account.mailbox(batch.target)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return False
        if box.mailbox_id != batch.mailbox:
            return False
        rows = self._account.fetch(Fetch(box.id, [(batch.uidnext, box.uidnext)], Need.BODY))
        found = [_digest(body.read()) for body in rows.body]
        size = len(batch.digests)
        return any(found[at : at + size] == batch.digests for at in range(len(found) - size + 1))


def _batches(letters: Iterator[Letter | Unreadable], result: Result) -> Iterator[list[Letter]]:
    batch: list[Letter] = []
    octets = 0
    for each in chain(letters, (None,)):
        if isinstance(each, Unreadable):
            result.failed.append(f"{each.key}: {each.reason}")
            continue
        size = len(each.octets) if each else 0
        if batch and (each is None or len(batch) == _MESSAGES or octets + size > _OCTETS):
            yield batch
            batch, octets = [], 0
        if each is not None:
            batch.append(each)
            octets += size


def _digest(octets: bytes) -> str:
    """As journals of earlier runs have it, which may be from before an upgrade."""
    return blake2b(octets, digest_size=32).hexdigest()
