"""A queued message's octets: read from the database while small, from their blob once large."""

from sqlalchemy import bindparam, select

from odcore.blob.store import Blobs
from odcore.errors import Fault, Kind
from odcore.sql.database import Database
from odcore.sql.statement import statement
from odmail.queue.schema import queued

_READ = statement(select(queued.c.body).where(queued.c.id == bindparam("id")))


class SmallBody:
    """Lies in the database. Read when asked for, not when leased: the worker may hold thousands."""

    __slots__ = ("_database", "_id", "size")

    def __init__(self, database: Database, id: str, size: int) -> None:
        self._database = database
        self._id = id
        self.size = size

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """Fault NOT_FOUND when the message has left the queue."""
        with self._database.read() as cursor:
            row = cursor.first(_READ, {"id": self._id})
        if row is None:
            raise _gone(self._id)
        octets: bytes = row[0]
        return octets[offset:] if length < 0 else octets[offset : offset + length]


class LargeBody:
    """Lies in a blob."""

    __slots__ = ("_blobs", "_digest", "_id", "size")

    def __init__(self, blobs: Blobs, digest: str, id: str, size: int) -> None:
        self._blobs = blobs
        self._digest = digest
        self._id = id
        self.size = size

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        """Fault NOT_FOUND when the message has left the queue."""
        try:
            return self._blobs.read(self._digest, offset, length)
        except FileNotFoundError:
            raise _gone(self._id) from None


def _gone(id: str) -> Fault:
    return Fault(Kind.NOT_FOUND, f"There is no message {id} in the queue.")
