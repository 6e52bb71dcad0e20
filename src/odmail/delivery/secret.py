"""A secret of the house in a file: its first line makes digests, those of all lines hold."""

import hashlib
import hmac
import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from odcore import disk, ids


class Secret:
    """The file is made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def digest(self, octets: bytes) -> bytes:
        """By the newest line."""
        return self.digests(octets)[0]

    def digests(self, octets: bytes) -> list[bytes]:
        """By each line, the newest first."""
        return [hmac.digest(each, octets, hashlib.sha256) for each in self._lines]

    @cached_property
    def _lines(self) -> list[bytes]:
        try:
            return self._path.read_bytes().split()
        except FileNotFoundError:
            _make(self._path)
        return self._path.read_bytes().split()


def _make(path: Path) -> None:
    """Whole or not at all, whichever of several processes is first."""
    disk.make_folder(path.parent)
    aside = path.with_name(f"{path.name}.{ids.token(6)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ids.token(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()
    disk.sync_folder(path.parent)
