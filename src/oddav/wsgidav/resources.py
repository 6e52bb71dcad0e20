"""Folders and files as WsgiDAV asks for them."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from wsgidav import xml_tools
from wsgidav.dav_provider import DAVCollection, DAVNonCollection, DAVProvider

from odcore.errors import Fault
from odcore.web.mount import Environ
from oddav.drive.store.model import Caller, Entry
from oddav.drive.store.names import below, checked, split
from oddav.drive.view import Place, View, Way
from oddav.wsgidav.faults import faults, told
from oddav.wsgidav.locks import Locks
from oddav.wsgidav.standing import Standing, Watched

_SHOWN_BY_BROWSERS = re.compile(r"(audio|video)/[\w.+-]+|image/(png|jpeg|gif|webp|avif)|text/plain")
"""What cannot run anything when a browser opens it; all else is for saving."""

_DATES = ("creationdate", "getlastmodified")
_OF_FILES = ("getcontentlength", "getcontenttype", "getetag")
_OF_FOLDERS = ("quota-used-bytes", "quota-available-bytes")
_LOCKING = ("lockdiscovery", "supportedlock")


def caller(environ: Environ) -> Caller:
    """Who asks, with the lock tokens of the If header."""
    return Caller(environ["wsgidav.user_name"], frozenset(environ.get("wsgidav.ifLockTokenList") or ()))


class Provider(DAVProvider):  # type: ignore[misc]
    """One person's view, for one request."""

    def __init__(self, view: View, mount: str) -> None:
        super().__init__()
        self.view = view
        self.verbose = 0
        self.set_share_path("")
        self.set_mount_path(mount)
        self.set_lock_manager(Locks(view))

    def get_resource_inst(self, path: str, environ: Environ) -> "Folder | File | OnTheWay | None":
        try:
            place = self.view.look(path)
            if isinstance(place, Way):
                return OnTheWay(place, environ)
            entry = place.drive.entry(place.path)
        except Fault as fault:
            if fault.kind.value == "not-found":
                return None
            raise told(fault) from fault
        return made(place, entry, environ) if entry else None


def made(place: Place, entry: Entry, environ: Environ) -> "Folder | File":
    """The resource of an entry."""
    kind: Callable[[Place, Entry, Environ], Folder | File] = Folder if entry.node.folder else File
    return kind(place, entry, environ)


class Kept:
    """What folders and files have in common: a place, a node, dead properties."""

    def __init__(self, place: Place, entry: Entry, environ: Environ) -> None:
        super().__init__(place.shown(place.path), environ)  # type: ignore[call-arg]
        self.place = place
        self.node = entry.node
        self.properties = entry.properties

    def get_creation_date(self) -> int | None:
        return self.node.created or None

    def get_last_modified(self) -> int | None:
        return self.node.changed or None

    def get_property_names(self, *, is_allprop: bool) -> list[str]:
        """Locks and quotas only where asked for by name: listings are to be short.  RFC 4918 9.1, RFC 4331 3"""
        names = ["resourcetype", *(_DATES if self.node.changed else ()), *(() if self.node.folder else _OF_FILES)]
        if not is_allprop:
            names += [*_LOCKING, *(_OF_FOLDERS if self.node.folder else ())]
        return [*(f"{{DAV:}}{name}" for name in names), *self.properties]

    def get_property_value(self, name: str) -> Any:
        if name in self.properties:
            return xml_tools.string_to_xml(self.properties[name])
        if name == "{DAV:}getetag" and self.node.etag:
            return f'"{self.node.etag}"'
        return super().get_property_value(name)  # type: ignore[misc]


class File(Kept, DAVNonCollection):  # type: ignore[misc]
    """A file."""

    def get_content_length(self) -> int:
        return self.node.size

    def get_content_type(self) -> str:
        return self.node.mime

    def get_etag(self) -> str:
        return self.node.etag

    def support_etag(self) -> bool:
        return True

    def support_ranges(self) -> bool:
        return True

    def get_content(self) -> Watched:
        view, path = self.provider.view, self.place.shown(self.place.path)
        with faults():
            return Watched(self.place.drive.content(self.node), Standing(lambda: view.look_again(path)))

    def finalize_headers(self, environ: Environ, headers: list[tuple[str, str]]) -> None:
        """Nothing that was uploaded may run on this server's pages."""
        headers.append(("Content-Security-Policy", "sandbox; default-src 'none'"))
        headers.append(("Cache-Control", "private, no-cache"))
        if not _SHOWN_BY_BROWSERS.fullmatch(self.node.mime.partition(";")[0].lower()):
            name = quote(self.node.name, safe="")
            headers.append(("Content-Disposition", f"attachment; filename*=UTF-8''{name}"))  # RFC 6266 4.1


class Folder(Kept, DAVCollection):  # type: ignore[misc]
    """A folder; the top one of a person also has those of posts and of what is shared in it."""

    def get_used_bytes(self) -> int:
        return self.place.drive.room().used

    def get_available_bytes(self) -> int | None:
        room = self.place.drive.room()
        return max(room.quota - room.used, 0) if room.quota else None

    def get_member_names(self) -> list[str]:
        return [split(each.path)[1] for each in self.get_member_list()]

    def get_member_list(self) -> list[Any]:
        place = self.place
        with faults():
            found: list[Any] = [
                made(place.member(entry.node.name), entry, self.environ) for entry in place.drive.children(self.node)
            ]
            if place.shown(place.path) == "/":
                found += [self.provider.get_resource_inst(top, self.environ) for top in self.provider.view.tops()]
        return found

    def create_empty_resource(self, name: str) -> Any:
        """What a LOCK of nothing makes.  RFC 4918 7.3"""
        with faults():
            place = self.place.member(checked(name)).to_name()
            incoming = place.drive.incoming()
            try:
                place.drive.put(caller(self.environ), place.path, incoming, "application/octet-stream", "")
            finally:
                incoming.discard()
        return self.provider.get_resource_inst(place.shown(place.path), self.environ)


class OnTheWay(DAVCollection):  # type: ignore[misc]
    """A folder that only leads to others. It is not kept anywhere, and nothing can be put into it."""

    def __init__(self, way: Way, environ: Environ) -> None:
        super().__init__(way.path, environ)
        self._names = way.names

    def get_member_names(self) -> list[str]:
        return list(self._names)

    def get_member_list(self) -> list[Any]:
        return [self.provider.get_resource_inst(below(self.path) + name, self.environ) for name in self._names]

    def prevent_locking(self) -> bool:
        return True

    def get_property_names(self, *, is_allprop: bool) -> list[str]:
        return ["{DAV:}resourcetype"]
