"""Files and folders that survive a power cut, and a disk that is full or fails told as Faults.  P5, P17"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind

log = structlog.get_logger()

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FAILED = (errno.EIO, errno.EROFS)


@contextmanager
def faults() -> Iterator[None]:
    """NO_SPACE for a full disk, TRY_LATER for one that fails; any other OSError is a bug and stays one."""
    try:
        yield
    except OSError as error:
        if error.errno not in (*_FULL, *_FAILED):
            raise
        log.error("disk_failed", error=errno.errorcode[error.errno], path=str(error.filename or ""))
        if error.errno in _FULL:
            raise full() from error
        raise Fault(Kind.TRY_LATER, "The disk failed, try again later.") from error


def full() -> Fault:
    """What everybody says of a full disk."""
    return Fault(Kind.NO_SPACE, "The disk is full, try again later.")


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable; a file's own fsync does not do that."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, octets: bytes, mode: int = 0o600) -> None:
    """The file is there whole or as it was before, whatever happens, and with this mode from its first moment."""
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def make_once(path: Path, octets: bytes) -> None:
    """A secret of the house: whole or not at all, and of whichever process is first."""
    make_folder(path.parent)
    aside = path.with_name(f"{path.name}.{ids.token(6)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()
    sync_folder(path.parent)


def sync_tree(path: Path) -> None:
    """Make what another program wrote in a folder and below it durable."""
    for folder, _, names in os.walk(path):
        for name in names:
            descriptor = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(folder))


def make_folder(path: Path) -> None:
    """The folder with all its parents, private and durable; no work when it is there."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


class Space:
    """Is there room on the disk? Looked up at most once a second."""

    def __init__(self, folder: Path, least_free: int) -> None:
        make_folder(folder)
        self._folder = folder
        self._least_free = least_free
        self._free = least_free
        self._looked = float("-inf")

    def check(self) -> None:
        """Fault NO_SPACE while the disk is nearly full."""
        now = clock.monotonic()
        if now - self._looked >= 1.0:
            status = os.statvfs(self._folder)
            self._free = status.f_bavail * status.f_frsize
            self._looked = now
            if self._free < self._least_free:
                log.warning("disk_nearly_full", free=self._free)
        if self._free < self._least_free:
            raise Fault(Kind.NO_SPACE, "Not enough space on the disk, try again later.")
