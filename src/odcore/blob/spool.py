"""A file on its way to the disk: pieces by way of the system's cache, whole blocks past it.

What a large upload would leave in the cache pushes out what others read, and to write it there first costs a copy, the
pages for it, and an fsync that finds all of it still to be done. Whole blocks go from our memory to the disk at once.
"""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from odcore.blob.digest import new_hash

PAGE = 4096
"""Where a block begins, in memory and in the file, and what its length is a multiple of: enough for disks."""

_WRITTEN_AHEAD = 8 << 20
"""Octets after which the disk is told to begin: the fsync at the end then finds little left to do."""


class Spool:
    """A new private file that is written from its beginning to its end, and hashed."""

    __slots__ = ("_ahead", "_file", "_hash", "_past", "path", "size")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file: BinaryIO = open(path, "xb", opener=_private)  # noqa: SIM115 - closed by finish or discard
        self._hash = new_hash()
        self._ahead = 0  # octets the disk has been told of
        self._past = True  # does the file system let us write past its cache?

    def write(self, data: bytes | memoryview) -> None:
        """Add octets."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)
        if self.size - self._ahead >= _WRITTEN_AHEAD:
            self._file.flush()
            # Linux begins to write what is dirty and does not wait; only what is on the disk already leaves memory.
            os.posix_fadvise(self._file.fileno(), self._ahead, self.size - self._ahead, os.POSIX_FADV_DONTNEED)
            self._ahead = self.size

    def write_block(self, block: memoryview) -> None:
        """The same for pages of memory: they are on the disk, past its own cache, when this returns."""
        count = self._write_past(block) if self.size % PAGE == 0 and self._past else 0
        self._hash.update(block[:count])
        self.size += count
        self._ahead = max(self._ahead, self.size if count else 0)
        if count < len(block):
            self.write(block[count:])

    def flush(self) -> None:
        """Whoever reads the file finds all octets so far."""
        self._file.flush()

    def finish(self) -> str:
        """All octets are on the disk when this returns. Their digest."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Delete it; safe to call after `finish`, too."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # what a full disk did not take is still in the buffer, and closing tries again
            self._file.close()

    def _write_past(self, block: memoryview) -> int:
        """How many octets were written: none where the file system has no such way."""
        self._file.flush()
        descriptor = self._file.fileno()
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_DIRECT)
            count = os.pwrite(descriptor, block, self.size)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                raise
            self._past, count = False, 0
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)
        self._file.seek(self.size + count)
        return count


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
