"""The mechanisms there are, and which of them a session offers. Never outside of TLS: that is the protocols' rule."""

import base64
import binascii
import importlib
import pkgutil
from functools import cache

from odcore.identity.api import SignIn
from odcore.sasl import mechanisms
from odcore.sasl.api import Channel, Malformed, Mechanism


@cache
def known() -> dict[str, Mechanism]:
    """All mechanisms of the folder, by name, in the order in which they are announced: the best first."""
    found: list[Mechanism] = []
    for module in pkgutil.iter_modules(mechanisms.__path__):
        found += importlib.import_module(f"{mechanisms.__name__}.{module.name}").MECHANISMS
    return {each.name: each for each in sorted(found, key=lambda each: _ORDER.index(each.name))}


def offered(sign_in: SignIn, channel: Channel) -> tuple[str, ...]:
    """The names to announce inside TLS."""
    return tuple(name for name, each in known().items() if each.offered(sign_in, channel))


def find(name: str, sign_in: SignIn, channel: Channel) -> Mechanism | None:
    """The mechanism a client chose, if it was offered one of that name."""
    chosen = known().get(name.upper())
    return chosen if chosen is not None and chosen.offered(sign_in, channel) else None


def decode(text: bytes) -> bytes:
    """A response out of its base64. Raises Malformed."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None


def decode_initial(text: bytes) -> bytes:
    """The same for an initial response, where "=" is an empty one.  RFC 4954 4, RFC 4959 3, RFC 5034 4"""
    return b"" if text == b"=" else decode(text)


_ORDER = ("EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN")
