"""What stands behind the gateway: applications by path, and what the gateway asks before it calls one.  PEP 3333"""

import enum
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from odcore.errors import Fault, Kind

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

PRINCIPAL = "odmail.principal"
"""The environ's key of the `odcore.identity.api.Principal` who signed in."""

REQUEST_ID = "odmail.request"
"""The environ's key of the request's id, as the access log and the answer's X-Request-Id have it."""


def letters(environ: Environ) -> None:
    """PATH_INFO, whose octets WSGI has as Latin-1, as what it spells. Fault BAD_REQUEST."""
    try:
        environ["PATH_INFO"] = environ["PATH_INFO"].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(Kind.BAD_REQUEST, "The path is not UTF-8.") from error


class Entry(enum.Enum):
    """Who is let in."""

    OPEN = "open"  # anybody; the application may have sessions of its own
    SIGNED_IN = "signed-in"  # HTTP Basic, inside TLS, with what apps sign in with (RFC 7617)


class Mount(msgspec.Struct, frozen=True):
    """One application. It sees `prefix` as SCRIPT_NAME and what follows as PATH_INFO."""

    prefix: str  # "/dav"; "" is what no other mount takes
    app: App
    service: str  # for sign-in, the access log and metrics: "dav", "drive", "web"
    entry: Entry = Entry.OPEN
    max_body: int = 1 << 20  # octets
    streams: bool = False  # True: the body is read as it comes; False: it is whole before the application is called
    open_methods: frozenset[str] = frozenset()  # those that need no sign-in: OPTIONS, for clients that look first

    def takes(self, path: str) -> bool:
        """Is this path at or below the prefix?"""
        return path == self.prefix or path.startswith(self.prefix + "/")
