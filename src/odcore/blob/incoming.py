"""Octets on their way in: in memory while small, spooled to a private file and hashed once large.

A disk that is full or fails ends it with a Fault (P5): nothing of it stays, and `finish` never gives what is not whole.
"""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from odcore import disk, ids
from odcore.blob.digest import Hash, new_hash
from odcore.errors import Fault, Kind

IN_MEMORY = 64 * 1024
"""Octets kept in memory; the same bound decides what lies inside a database and what lies beside it."""


_WRITTEN_AHEAD = 8 << 20
"""Octets after which the disk is told to begin: the fsync at the end then finds little left to do."""


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

    __slots__ = ("_ahead", "_broken", "_file", "_folder", "_hash", "_path", "_pieces", "size")

    def __init__(self, folder: Path) -> None:
        """`folder` holds the spool file; it lies on the file system that will keep the blob."""
        self.size = 0
        self._folder = folder
        self._pieces: list[bytes] = []
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._hash: Hash | None = None
        self._ahead = 0  # octets the disk has been told of
        self._broken = False

    def write(self, data: bytes) -> None:
        """Add octets. Fault LIMIT or TRY_LATER when the disk does not take them."""
        self.size += len(data)
        if self._path is None:
            self._pieces.append(data)
            if self.size > IN_MEMORY:
                with self._whole():
                    self._spool()
        else:
            with self._whole():
                self._append(data)

    def look(self) -> Memory | File:
        """All octets so far, to be read only: a file is not yet on the disk and has no digest."""
        if self._path is None or self._file is None:
            return Memory(b"".join(self._pieces))
        with self._whole():
            self._file.flush()
            return File(str(self._path), "", self.size)

    def finish(self) -> Memory | File:
        """All octets are here. A file is on the disk, in full, when this returns."""
        if self._path is None and not self._broken:
            return Memory(b"".join(self._pieces))
        return self.finish_file()

    def finish_file(self) -> File:
        """The same, but a file whatever the size."""
        with self._whole():
            if self._path is None:
                self._spool()
            assert self._path is not None
            assert self._file is not None
            assert self._hash is not None
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            return File(str(self._path), self._hash.hexdigest(), self.size)

    def discard(self) -> None:
        """Forget all; a blob linked from the file keeps its octets."""
        self._pieces.clear()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        if self._file is not None:
            with suppress(OSError):  # what a full disk did not take is still in the buffer, and closing tries again
                self._file.close()
            self._file = None

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

    def _spool(self) -> None:
        disk.make_folder(self._folder)
        self._path = self._folder / ids.token()
        self._file = open(self._path, "xb", opener=_private)  # noqa: SIM115 - closed by finish or discard
        self._hash = new_hash()
        for piece in self._pieces:
            self._append(piece)
        self._pieces.clear()

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        assert self._hash is not None
        self._file.write(data)
        self._hash.update(data)
        if self.size - self._ahead >= _WRITTEN_AHEAD:
            self._file.flush()
            # Linux begins to write what is dirty and does not wait; only what is on the disk already leaves memory.
            os.posix_fadvise(self._file.fileno(), self._ahead, self.size - self._ahead, os.POSIX_FADV_DONTNEED)
            self._ahead = self.size


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
