"""A secret of the house in a file: its first line makes digests, those of all lines hold."""

import hashlib
import hmac
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
            disk.make_once(self._path, f"{ids.token(32)}\n".encode())
        return self._path.read_bytes().split()
