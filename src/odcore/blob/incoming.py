"""Octets on their way in: in memory while small, spooled to a private file and hashed once large.

A disk that is full or fails ends it with a Fault (P5): nothing of it stays, and `finish` never gives what is not whole.
"""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from odcore import disk, ids
from odcore.blob.spool import Spool
from odcore.errors import Fault, Kind

IN_MEMORY = 64 * 1024
"""Octets kept in memory; the same bound decides what lies inside a database and what lies beside it."""


class Memory:
    """A source whose octets are in memory."""

    __slots__ = ("_octets",)

    path: str | None = None
    digest: str | None = None

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    @property
    def size(self) -> int:
        return len(self._octets)

    def open(self) -> BinaryIO:
        return BytesIO(self._octets)

    def view(self) -> memoryview:
        return memoryview(self._octets)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        return self._octets[offset:] if length < 0 else self._octets[offset : offset + length]


class File:
    """A source that is a finished, fsynced file."""

    __slots__ = ("digest", "path", "size")

    def __init__(self, path: str, digest: str, size: int) -> None:
        self.path: str | None = path
        self.digest: str | None = digest
        self.size = size

    def open(self) -> BinaryIO:
        return open(str(self.path), "rb")

    def view(self) -> memoryview:
        with self.open() as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        with self.open() as file:
            file.seek(offset)
            return file.read(length)


class Incoming:
    """Takes octets in any pieces and gives a source when all are here."""

    __slots__ = ("_broken", "_folder", "_pieces", "_spool", "size")

    def __init__(self, folder: Path) -> None:
        """`folder` holds the spool file; it lies on the file system that will keep the blob."""
        self.size = 0
        self._folder = folder
        self._pieces: list[bytes] = []
        self._spool: Spool | None = None
        self._broken = False

    def write(self, data: bytes) -> None:
        """Add octets. Fault LIMIT or TRY_LATER when the disk does not take them."""
        self.size += len(data)
        if self._spool is None and self.size <= IN_MEMORY and not self._broken:
            self._pieces.append(data)
            return
        with self._whole():
            self._spooled().write(data)

    def write_block(self, block: memoryview) -> None:
        """The same for many octets that fill pages of memory. Faults as `write`."""
        self.size += len(block)
        with self._whole():
            self._spooled().write_block(block)

    def look(self) -> Memory | File:
        """All octets so far, to be read only: a file is not yet on the disk and has no digest."""
        if self._spool is None:
            return Memory(b"".join(self._pieces))
        with self._whole():
            self._spool.flush()
            return File(str(self._spool.path), "", self.size)

    def finish(self) -> Memory | File:
        """All octets are here. A file is on the disk, in full, when this returns."""
        if self._spool is None and not self._broken:
            return Memory(b"".join(self._pieces))
        return self.finish_file()

    def finish_file(self) -> File:
        """The same, but a file whatever the size."""
        with self._whole():
            spool = self._spooled()
            return File(str(spool.path), spool.finish(), self.size)

    def discard(self) -> None:
        """Forget all; a blob linked from the file keeps its octets."""
        self._pieces.clear()
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.discard()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Around what touches the disk."""
        if self._broken:
            raise Fault(Kind.TRY_LATER, "The disk failed, try again later.")
        try:
            with disk.faults():
                yield
        except BaseException:
            self._broken = True
            self.discard()
            raise

    def _spooled(self) -> Spool:
        """The file, which begins with what was in memory."""
        if self._spool is None:
            disk.make_folder(self._folder)
            self._spool = Spool(self._folder / ids.token())
            for piece in self._pieces:
                self._spool.write(piece)
            self._pieces.clear()
        return self._spool
