"""What a path means: the root, a home, a collection, a resource."""

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import msgspec

from odcore.errors import Fault, Kind
from oddav.radicale.answers import Condition

_LONGEST = 255


class Place(msgspec.Struct, frozen=True):
    """`/owner/collection/href` below the mount; empty is above that."""

    prefix: str
    owner: str = ""
    collection: str = ""
    href: str = ""

    @property
    def path(self) -> str:
        """As the client sees it."""
        above = "".join(f"{part}/" for part in (self.owner, self.collection) if part)
        return f"{self.prefix}/{above}{self.href}"

    def below(self, name: str) -> "Place":
        """A member."""
        return read(f"{self.path.removeprefix(self.prefix)}{name}", self.prefix)

    def home(self, owner: str) -> "Place":
        """A home beside this."""
        return Place(self.prefix, owner)

    @property
    def is_resource(self) -> bool:
        """Neither a collection nor above."""
        return bool(self.href)


def read(path: str, prefix: str) -> Place:
    """Fault NOT_FOUND for what is deeper than anything we have."""
    parts = path.strip("/").split("/")
    if len(parts) > 3 or any(len(part.encode()) > _LONGEST for part in parts):
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return Place(prefix, *parts)


def pointed(text: str, prefix: str, host: str) -> Place:
    """From an href or a Destination header. Condition 502 for another server, Fault for what is none of ours."""
    url = urlsplit(text.strip())
    if url.netloc and url.netloc.rpartition("@")[2].lower() != host.lower():
        raise Condition(HTTPStatus.BAD_GATEWAY, "<D:no-external-entities/>")
    path = unquote(url.path)
    if not path.startswith(f"{prefix}/") or any(part in (".", "..") for part in _parts(path)):
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return read(path.removeprefix(prefix), prefix)


def _parts(path: str) -> Iterator[str]:
    return iter(path.split("/"))
