"""What the drive tells of a file, a folder, a lock."""

import msgspec

ROOT = 1


class Node(msgspec.Struct, frozen=True):
    """A folder or file. The fields are columns."""

    node: int
    parent: int
    name: str
    folder: int
    digest: str | None
    size: int
    mime: str
    created: int
    changed: int
    modseq: int

    @property
    def etag(self) -> str:
        """Opaque, without quotes: half of the content's digest; "" for folders.  RFC 9110 8.8.3"""
        return (self.digest or "")[:32]


class Stored(msgspec.Struct, frozen=True):
    """A file with its new content."""

    node: Node
    is_new: bool  # False: it replaced another content


class Entry(msgspec.Struct, frozen=True):
    """A node with its dead properties."""

    node: Node
    properties: dict[str, bytes]


class Lock(msgspec.Struct, frozen=True):
    """A write lock on a path. The fields are columns.  RFC 4918 6"""

    token: str
    path: str
    exclusive: int
    deep: int  # all that lies below, too
    person: str
    owner: bytes
    expires: int

    def covers(self, path: str) -> bool:
        """Does it lock this path?"""
        return self.path == path or bool(self.deep and path.startswith(self.path.rstrip("/") + "/"))


class Caller(msgspec.Struct, frozen=True):
    """Who asks, and with which locks in their hands."""

    person: str
    tokens: frozenset[str] = frozenset()


class Share(msgspec.Struct, frozen=True):
    """A subject (see `odcore.sharing.api`) may read what is in a folder, perhaps change it too."""

    path: str
    subject: str
    writes: bool
    giver: str = ""  # in a post's drive: the holder with whose charge it ends


class Room(msgspec.Struct, frozen=True):
    """Octets."""

    used: int
    quota: int  # 0: no limit
    kept: int  # of former versions and of what was deleted: beside those used, and as many at most


class Past(msgspec.Struct, frozen=True):
    """A file as it was at some instant."""

    path: str
    digest: str
    size: int
    changed: int


class Kept(msgspec.Struct, frozen=True):
    """Something deleted, or a former version, that can be had back."""

    id: str
    path: str
    size: int  # octets
    since: int  # when it was deleted or replaced
    deleted: bool
