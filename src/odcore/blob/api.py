"""Octets of messages and files: where they lie, on their way in, about to be kept."""

from typing import BinaryIO, Protocol


class Body(Protocol):
    """A message's bytes, wherever they lie."""

    @property
    def size(self) -> int:
        """Octets."""

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """`length` octets from `offset`; -1 for all that follow. Reads the disk for large bodies."""


class Source(Protocol):
    """Bytes about to become a message: in memory, or a finished, fsynced file that may be hard-linked."""

    @property
    def size(self) -> int:
        """Octets."""

    @property
    def path(self) -> str | None:
        """The file that holds them, None when they are in memory."""

    @property
    def digest(self) -> str | None:
        """The name of the file's octets, None when in memory."""

    def open(self) -> BinaryIO:
        """A fresh reader from the first octet."""

    def view(self) -> memoryview:
        """All octets as one buffer (a memory map for files)."""


class Incoming(Protocol):
    """Bytes arriving for a message: in memory while small, spooled beside the blobs once large."""

    def write(self, data: bytes) -> None:
        """Add octets. May touch the disk."""

    def look(self) -> Source:
        """All octets so far, to be read only: nothing is promised of them, and more may follow."""

    def finish(self) -> Source:
        """All octets are here: fsync what lies on disk. The source stays valid until `discard`."""

    def discard(self) -> None:
        """Forget them; safe to call at any time, also after the message has been stored."""
