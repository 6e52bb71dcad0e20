"""What a post holds besides mail, sealed with a tenure: calendars, tasks, notes, contacts and files.

The octets lie content-addressed in the folder of the sealed mailbox; an index beside them says what each is and what it
is found by. The manifest lists the digests alone: what is in papers goes with them when a tenure is destroyed.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from io import BufferedReader
from pathlib import Path

import msgspec

from odcore import disk
from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odcore.folding import normalize
from odcore.ids import AccountId
from odmail.tenure.model import Line

READ_ONLY = 0o440
_MOST_WORDS = 4000


class Paper(msgspec.Struct, frozen=True):
    """One item or file, as it was when the charge ended."""

    area: str  # calendar, tasks, notes, contacts, files
    folder: str
    title: str
    changed: int  # seconds since the epoch
    words: str  # what else it is found by
    octets: bytes | None  # None: those of the blob
    blob: tuple[str, str] = ("", "")  # the path and digest of a file that never changes


Held = Callable[[AccountId, datetime], Iterable[Paper]]
"""What a post held at an instant."""


class Entry(msgspec.Struct, frozen=True):
    """A line of the index."""

    uid: int
    area: str
    folder: str
    title: str
    changed: int
    words: str
    octets: int
    sha256: str
    blob: str

    @property
    def file_name(self) -> str:
        """For who takes it out."""
        if self.area == "files":
            return self.title
        return f"{self.area}-{self.uid}.{'vcf' if self.area == 'contacts' else 'ics'}"


class Papers:
    """Those of one tenure."""

    def __init__(self, folder: Path) -> None:
        self._blobs = Blobs(folder)
        self._index = folder / "index.jsonl"

    def keep(self, papers: Iterable[Paper]) -> str:
        """All of them; the digest of the index. What an attempt that was broken off left beyond them goes."""
        entries = [self._entry(uid, paper) for uid, paper in enumerate(papers, 1)]
        if not entries:
            return ""
        octets = b"".join(msgspec.json.encode(each) + b"\n" for each in entries)
        with disk.faults():
            disk.write(self._index, octets, READ_ONLY)
        kept = {each.blob for each in entries}
        for name in list(self._blobs.names()):
            if name not in kept:
                self._blobs.delete(name)
        return hashlib.sha256(octets).hexdigest()

    def entries(self) -> Iterator[Entry]:
        """As the index tells them."""
        with suppress(FileNotFoundError), disk.faults(), open(self._index, "rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=Entry)

    def digest(self) -> str:
        """Of the index as it is now, "" where there is none."""
        with suppress(FileNotFoundError), disk.faults(), open(self._index, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
        return ""

    def lines(self) -> Iterator[Line]:
        """Each as it is on the disk now; what is gone is not among them."""
        for each in self.entries():
            with suppress(FileNotFoundError), disk.faults(), self.open(each) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                yield Line(f"{each.area}/{each.folder}", each.uid, each.changed, file.tell(), found)

    def search(self, words: Iterable[str]) -> list[Entry]:
        """Which hold all words, in their names or text."""
        wanted = [normalize(word) for word in words]
        return [each for each in self.entries() if all(word in _told(each) for word in wanted)]

    def open(self, entry: Entry) -> BufferedReader:
        """Its octets."""
        return open(self._blobs.path(entry.blob), "rb")

    def _entry(self, uid: int, paper: Paper) -> Entry:
        path, blob = paper.blob
        if paper.octets is None:
            try:
                self._blobs.link_from(path, blob)
            except FileNotFoundError as error:  # deleted for good just now: the next attempt does without
                raise Fault(Kind.TRY_LATER, f"{paper.title} is gone.") from error
        else:
            blob = self._blobs.put(paper.octets)
        with disk.faults(), open(self._blobs.path(blob), "rb") as file:
            digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        words = paper.words[:_MOST_WORDS]
        return Entry(uid, paper.area, paper.folder, paper.title, paper.changed, words, size, digest, blob)


def _told(entry: Entry) -> str:
    return normalize(f"{entry.title} {entry.folder} {entry.words}")
