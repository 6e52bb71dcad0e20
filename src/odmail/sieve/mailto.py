"""mailto: URIs.  RFC 6068"""

import re
from urllib.parse import unquote

import msgspec

_NAME = re.compile(r"[!-9;-~]+\Z")
_MOST = 20
_LONGEST = 4_000
_SENT = ("subject", "body", "to", "cc")
_REFUSED = frozenset({"from", "date", "message-id", "received", "auto-submitted", "bcc", "return-path", "sender"})
"""RFC 5436 2.7: what the sender of a notice may not set."""


class Target(msgspec.Struct, frozen=True):
    """Whom to write to, and what the URI says besides."""

    to: tuple[str, ...]
    subject: str = ""
    body: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def read(uri: str) -> Target | None:
    """None when it is no mailto: URI, or names nobody or too many."""
    scheme, colon, rest = uri.strip().partition(":")
    if scheme.lower() != "mailto" or not colon or len(uri) > _LONGEST:
        return None
    path, _, query = rest.partition("?")
    to = _addresses(path)
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        key, text = unquote(name).lower(), unquote(value)
        if key in ("to", "cc"):
            to += _addresses(value)
        elif key not in _REFUSED:
            found.setdefault(key, text if key == "body" else " ".join(text.split()))
    unique = tuple(dict.fromkeys(to))
    if not 0 < len(unique) <= _MOST:
        return None
    if not all(_NAME.match(name) for name in found):
        return None
    fields = tuple((name, text) for name, text in found.items() if name not in _SENT)
    return Target(unique, found.get("subject", ""), found.get("body", ""), fields)


def _addresses(text: str) -> list[str]:
    """An older standard separated them by an encoded comma, and such URIs live on."""
    return [each.strip() for each in unquote(text).split(",") if each.strip()]
