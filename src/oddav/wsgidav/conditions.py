"""If, If-Match and their kin, where WsgiDAV's own reading falls short.  RFC 4918 10.4, RFC 9110 13"""

from typing import Any
from urllib.parse import quote, unquote, urlsplit

from wsgidav import util
from wsgidav.dav_error import DAVError

from odcore.web.mount import Environ

_LONGEST = 16 * 1024
_CONDITIONS = ("HTTP_IF", "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")


def read_if(environ: Environ) -> None:
    """The If header as WsgiDAV keeps it, with tagged lists keyed by the path inside the mount."""
    if len(environ.get("HTTP_IF", "")) > _LONGEST:
        raise DAVError(400, "The If header is too long.")
    util.parse_if_header_dict(environ)
    found = environ["wsgidav.conditions.if"] or {}
    environ["wsgidav.conditions.if"] = {_inside(environ["SCRIPT_NAME"], tag): value for tag, value in found.items()}


def holds_for_nothing(environ: Environ) -> None:
    """Conditions on a resource that does not exist."""
    if "HTTP_IF_MATCH" in environ:
        raise DAVError(412, "There is no such file.")
    conditions: dict[str, Any] = environ["wsgidav.conditions.if"]
    lists = conditions.get(quote(environ["PATH_INFO"])) or conditions.get("*") or []
    if lists and not any(all(kind != "entity" or not wanted for wanted, kind, _ in each) for each in lists):
        raise DAVError(412, "There is no such file.")


def is_conditional(environ: Environ) -> bool:
    """Does the client say what it must still be?"""
    return any(name in environ for name in _CONDITIONS)


def _inside(mount: str, tag: str) -> str:
    if tag == "*":
        return tag
    path = unquote(urlsplit(tag).path)
    return quote(path[len(mount) :] or "/") if path.startswith(mount) else tag
