"""A stored message's octets, wherever they lie: in its rows, or in a blob beside them."""

from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind


class StoredBody:
    """Reads without a transaction. Small bodies are here already; large ones are read from disk by range."""

    __slots__ = ("_blobs", "_digest", "_header", "_rest", "size")

    def __init__(self, header: bytes, rest: bytes | None, digest: str | None, size: int, blobs: Blobs) -> None:
        self.size = size
        self._header = header
        self._rest = rest
        self._digest = digest
        self._blobs = blobs

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """Fault EXPUNGED when a large body was purged after its row was read."""
        if self._digest is not None:
            return self._from_blob(self._digest, offset, length)
        octets = self._header + (self._rest or b"")
        if not offset and length < 0:
            return octets
        return octets[offset:] if length < 0 else octets[offset : offset + length]

    def _from_blob(self, digest: str, offset: int, length: int) -> bytes:
        try:
            return self._blobs.read(digest, offset, length)
        except FileNotFoundError as error:
            raise Fault(Kind.EXPUNGED, "The message is gone.") from error
