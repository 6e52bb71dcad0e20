"""Sealed tenures: a mailbox of its own that no protocol opens, papers beside it, a manifest with all digests.

`tenures/` holds the mailboxes, as `accounts/` does, and `tenures/seals/ID.jsonl` the manifests: who has one is sealed.
A manifest is written last, in one piece, when its own digest is in the audit trail: of two rows about one tenure, as
when a sealing was broken off in between, the later tells. A sealing that was broken off goes on where it stopped: what
lies in the mailbox already is known by its digest.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path

import msgspec

from odcore import clock, disk
from odcore.audit.api import Recorder
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odmail.mailbox.api import CreateMailbox, Fetch, MailAccount, Search
from odmail.mailbox.model import Mailbox, Need, SpecialUse
from odmail.mailbox.search import All, And, Criterion, Text
from odmail.mailbox.settings import MailboxSettings
from odmail.mailbox.store import Store
from odmail.mailbox.whole import Letter, messages, octets_of, put
from odmail.message import header
from odmail.tenure.model import Line, Sealed, Tenure
from odmail.tenure.papers import READ_ONLY, Entry, Paper, Papers
from odmail.tenure.retention import Retention

_MOST_WORDS = 8
_TOGETHER, _LARGE = 100, 1 << 20
"""Messages of one transaction, which a large one ends."""


class Hit(msgspec.Struct, frozen=True):
    """A message or a paper that was found."""

    area: str  # "mail", or a paper's
    folder: str
    uid: int
    received: int  # or changed
    sender: str
    subject: str  # or title


class Archive:
    """Below one folder. Safe to share between threads and processes; one process of a node seals."""

    def __init__(
        self, folder: Path, record: Recorder, settings: MailboxSettings | None = None, keep: float = 0
    ) -> None:
        """`record` writes a row of the audit trail; `keep`: see `Retention`."""
        self._folder = folder
        self._seals = folder / "seals"
        self.retention = Retention(folder, record, keep)
        self._store = Store(folder, lambda _hint: None, settings)
        self._record = record

    def seal(self, tenure: Tenure, account: MailAccount, papers: Iterable[Paper] = ()) -> Sealed:
        """What the post got and sent meanwhile, without junk, and the papers. What is sealed stays as it was sealed."""
        if self._path(tenure.id).exists():
            return self.of(tenure.id)
        kept = self._store.open(tenure.id)
        for box in account.mailboxes():
            if box.selectable and box.exists and box.special_use is not SpecialUse.JUNK:
                _copy(account, box, kept, tenure)
        while self._store.keep_house(tenure.id):
            pass
        index = self._papers(tenure.id).keep(papers)
        lines, others = list(_lines(kept)), list(self._papers(tenure.id).lines())
        octets_in_all = sum(line.octets for line in (*lines, *others))
        sealed = Sealed(tenure, clock.now(), len(lines), octets_in_all, len(others), index)
        octets = b"".join(msgspec.json.encode(each) + b"\n" for each in (sealed, *lines, *others))
        counts = {"messages": str(len(lines)), "papers": str(len(others))}
        facts = {"tenure": tenure.id, "person": tenure.person, **counts}
        self._record("tenure-sealed", "suite", tenure.post, digest=_digest(octets), **facts)
        disk.make_folder(self._seals)
        with disk.faults():
            disk.write(self._path(tenure.id), octets, READ_ONLY)
        return sealed

    def of(self, key: str) -> Sealed:
        """Fault NOT_FOUND when no such tenure is sealed."""
        path = self._path(key)
        if not path.exists():
            raise Fault(Kind.NOT_FOUND, "No such tenure is sealed.")
        with disk.faults(), open(path, "rb") as file:
            return msgspec.json.decode(file.readline(), type=Sealed)

    def is_sealed(self, key: str) -> bool:
        """Is there a manifest?"""
        return self._path(key).exists()

    def search(self, key: str, text: str, most: int) -> list[Hit]:
        """Messages and papers that hold all words, the newest first; without words all of them."""
        account = self._opened(key)
        words = text.split()[:_MOST_WORDS]
        wanted: Criterion = And([Text(word, header=True) for word in words]) if words else All()
        found = [_hit(each) for each in self._papers(key).search(words)]
        for box in account.mailboxes():
            if not box.exists:
                continue
            uids = account.search(Search(box.id, wanted)).uids[-most:]
            if uids:
                rows = account.fetch(Fetch(box.id, [(uid, uid) for uid in uids], Need.HEADER | Need.DATES))
                found += [
                    Hit(
                        "mail",
                        box.name,
                        row.uid,
                        row.received,
                        _field(row.header, "From"),
                        _field(row.header, "Subject"),
                    )
                    for row in rows
                ]
        return sorted(found, key=lambda hit: hit.received, reverse=True)[:most]

    def message(self, key: str, folder: str, uid: int) -> bytes:
        """One message as it was sealed. Fault NOT_FOUND."""
        account = self._opened(key)
        for row in account.fetch(Fetch(account.mailbox(folder).id, [(uid, uid)], Need.BODY)):
            return octets_of(row)
        raise Fault(Kind.NOT_FOUND, "No such message.")

    def paper(self, key: str, uid: int) -> tuple[Entry, BufferedReader]:
        """One paper as it was sealed: what the index says of it, and its octets. Fault NOT_FOUND."""
        self._opened(key)
        papers = self._papers(key)
        for each in papers.entries():
            if each.uid == uid:
                return each, papers.open(each)
        raise Fault(Kind.NOT_FOUND, "No such paper.")

    def verify(self, key: str, digest: str) -> list[str]:
        """What differs from the manifest, and whether the manifest has the digest the audit trail tells."""
        sealed = self.of(key)
        octets = self._path(key).read_bytes()
        found = [] if _digest(octets) == digest else ["the manifest is not the one that was sealed"]
        if self._papers(key).digest() != sealed.index:
            found.append("the index of papers is not the one that was sealed")
        listed = {msgspec.json.decode(line, type=Line) for line in octets.splitlines()[1:]}
        there = {*_lines(self._store.open(AccountId(key))), *self._papers(key).lines()}
        found += [f"{line.folder} {line.uid}: is gone or changed" for line in sorted(listed - there)]
        return found + [f"{line.folder} {line.uid}: is not in the manifest" for line in sorted(there - listed)]

    def close(self) -> None:
        """Let go of all files."""
        self._store.close()

    def _opened(self, key: str) -> MailAccount:
        """Fault NOT_FOUND for what was destroyed, too."""
        sealed = self.of(key)
        self.retention.refuse_destroyed(key)
        return self._store.open(sealed.tenure.id)

    def _papers(self, key: str) -> Papers:
        return Papers(self._folder / key[:2] / key / "papers")

    def _path(self, key: str) -> Path:
        if not key.replace("-", "").isalnum():
            raise Fault(Kind.NOT_FOUND, "No such tenure is sealed.")
        return self._seals / f"{key}.jsonl"


def _copy(account: MailAccount, box: Mailbox, kept: MailAccount, tenure: Tenure) -> None:
    if box.name not in {each.name for each in kept.mailboxes()}:
        kept.create(CreateMailbox(box.name))
    known = Counter(line.sha256 for line in _lines_of(kept, kept.mailbox(box.name)))
    start, end = int(tenure.start.timestamp()), int(tenure.end.timestamp())
    batch: list[Letter] = []
    for row, octets in messages(account, box):
        if not start <= row.received < end:
            continue
        digest = _digest(octets)
        if known[digest]:
            known[digest] -= 1  # of equal messages each is kept
            continue
        batch.append(Letter(octets, row.flags, received=row.received))
        if len(batch) == _TOGETHER or sum(len(each.octets) for each in batch[-1:]) > _LARGE:
            put(kept, box.name, batch)
            batch = []
    put(kept, box.name, batch)


def _lines(account: MailAccount) -> Iterator[Line]:
    for box in account.mailboxes():
        yield from _lines_of(account, box)


def _lines_of(account: MailAccount, box: Mailbox) -> Iterator[Line]:
    if box.selectable and box.exists:
        for row, octets in messages(account, box):
            yield Line(box.name, row.uid, row.received, len(octets), _digest(octets))


def _hit(entry: Entry) -> Hit:
    return Hit(entry.area, entry.folder, entry.uid, entry.changed, "", entry.title)


def _field(block: bytes, name: str) -> str:
    return header.value(block, name) or ""


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
