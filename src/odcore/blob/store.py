"""Content-addressed files of one account or one queue: `blobs/<2>/<digest>`, written by way of `tmp/`.

P4: a blob is on the disk, with its name, before a row names it, and a row is gone before its blob is deleted.
A file never changes, so one file may be linked from the queue and from any number of accounts.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from odcore import clock, disk, haste
from odcore.blob.digest import digest_of, names_file
from odcore.blob.incoming import File, Incoming

DAY = 24 * 3600


class Blobs:
    """The blobs below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._blobs = root / "blobs"
        self._spool = root / "tmp"

    def incoming(self) -> Incoming:
        """A place for octets that may become a blob here."""
        return Incoming(self._spool)

    def path(self, digest: str) -> Path:
        """Where the blob lies, or would lie."""
        return self._blobs / digest[:2] / digest

    def holds(self, digest: str) -> bool:
        return self.path(digest).exists()

    def put(self, octets: bytes | memoryview) -> str:
        """Store octets durably; their digest. Fault LIMIT or TRY_LATER when the disk does not take them."""
        digest = digest_of(octets)
        with disk.faults():
            if self.holds(digest):
                self._sync(self.path(digest))  # whoever wrote it may not have come to that yet
            else:
                self._write(lambda incoming: incoming.write(bytes(octets)), digest)
        return digest

    def link_from(self, path: str, digest: str) -> None:
        """Take over a finished, fsynced file by a hard link, by a copy where file systems differ. Faults as `put`."""
        with disk.faults():
            self._link(path, digest)

    def read(self, digest: str, offset: int = 0, length: int = -1) -> bytes:
        """A range of a blob; FileNotFoundError when it has been deleted."""
        haste.wait()
        with open(self.path(digest), "rb") as file:
            file.seek(offset)
            return file.read(length)

    def delete(self, digest: str) -> None:
        """Call it only when no row names the blob, and in the transaction that made sure of it."""
        self.path(digest).unlink(missing_ok=True)

    def verify(self, digest: str) -> bool:
        """Whether the octets on the disk are those the name promises."""
        try:
            with open(self.path(digest), "rb") as file:
                return names_file(digest, file)
        except FileNotFoundError:
            return False

    def names(self) -> Iterator[str]:
        """All digests on the disk."""
        for path in self._blobs.glob("*/*"):
            yield path.name

    def sweep(self, named: Callable[[str], bool], age: int = DAY) -> int:
        """Delete what a crash left: old spool files, and old blobs that no row names. How many."""
        oldest = clock.timestamp() - age
        stale = [path for path in self._spool.glob("*") if _changed(path) < oldest]
        stale += [path for path in self._blobs.glob("*/*") if _changed(path) < oldest and not named(path.name)]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _link(self, path: str, digest: str) -> None:
        target = self.path(digest)
        disk.make_folder(target.parent)
        try:
            os.link(path, target)
        except FileExistsError:
            pass
        except OSError:
            self._copy(path, digest)
            return
        self._sync(target)

    def _copy(self, path: str, digest: str) -> None:
        def fill(incoming: Incoming) -> None:
            with open(path, "rb") as file:
                shutil.copyfileobj(file, incoming, 1 << 20)

        self._write(fill, digest)

    def _write(self, fill: Callable[[Incoming], None], digest: str) -> None:
        incoming = self.incoming()
        try:
            fill(incoming)
            source = incoming.finish_file()
            self._name(source, digest)
        finally:
            incoming.discard()

    def _name(self, source: File, digest: str) -> None:
        target = self.path(digest)
        disk.make_folder(target.parent)
        os.replace(str(source.path), target)
        self._sync(target)

    def _sync(self, target: Path) -> None:
        """The blob's name, and its folder's: another thread may have made that a moment ago."""
        disk.sync_folder(target.parent)
        disk.sync_folder(self._blobs)


def _changed(path: Path) -> float:
    """When the file last got a name or octets: a link changes ctime, not mtime."""
    try:
        return path.stat().st_ctime
    except FileNotFoundError:
        return float("inf")
