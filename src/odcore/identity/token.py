"""Signing in by a bearer token that the suite issued: opaque, with scope, end and device.  RFC 6750, RFC 7628

A token is an id and a secret. The id names an entry below its person, as a device password's first letters do; the
entry holds a digest of the secret, which is random enough to need no slow hash.
"""

import hashlib
import hmac
import re

from odcore import clock, ids
from odcore.directory.model import DevicePassword
from odcore.errors import Fault, Kind
from odcore.identity import devices, login
from odcore.identity.api import BearerToken, Principal
from odcore.identity.threshold import Ground, Threshold

_ID_LETTERS = 12
_SHAPE = re.compile(r"([a-km-np-z2-9]{12})\.([A-Za-z0-9_-]{43})\Z")


def generate() -> tuple[str, str]:
    """A new token's id, and the whole of it."""
    name = ids.readable(_ID_LETTERS)
    return name, f"{name}.{ids.token(32)}"


def digest(token: str) -> str:
    """What the directory keeps."""
    return hashlib.sha256(token.encode()).hexdigest()


class ByToken:
    """See `odcore.identity.api.SignIn`."""

    def __init__(self, threshold: Threshold) -> None:
        self._threshold = threshold

    def sign_in(self, offered: BearerToken) -> Principal:
        """See `odcore.identity.api.SignIn`."""
        shape = _SHAPE.match(offered.token)
        entry = self._entry(shape[1]) if shape else None
        made = entry[0] if entry else None
        counted = f"token:{shape[1]}" if shape else "token"
        attempt = self._threshold.begin(offered, made.account if made else "", counted)
        right = entry is not None and hmac.compare_digest(entry[1], digest(offered.token))
        ground = Ground(made.owner, made.account, made.id) if made and right and self._fits(made, offered) else None
        principal = self._threshold.admit(attempt, ground, "wrong" if made else "unknown")
        return self._threshold.welcome(offered, principal)

    def _entry(self, name: str) -> tuple[DevicePassword, str] | None:
        try:
            return self._threshold.directory.token(name)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return None

    def _fits(self, made: DevicePassword, offered: BearerToken) -> bool:
        """Is it for this service, now, and for the account that was named?"""
        if not devices.opens(made, made.account, offered.service, clock.now()):
            return False
        owner = self._threshold.owner(login.normal(offered.login) or "?") if offered.login else None
        return not offered.login or (owner is not None and owner.id == made.account)
