"""A member outside leaves a list by one press: the link that stands for them both, and for nothing else.  RFC 8058"""

import base64
import hmac
from collections.abc import Callable
from pathlib import Path

import msgspec

from odcore import clock
from odcore.errors import Fault, Kind
from odmail.delivery.secret import Secret

PATH = "/unsubscribe"

_DAY = 86400
_LIFE = 400  # days: people press it in old mail, too, and the trace of that mail lives as long
_MARK = 16  # octets of the digest that a link carries


class Membership(msgspec.Struct, frozen=True):
    """Who leaves what."""

    list: str
    member: str


class Unsubscribing:
    """Nothing is kept: a link carries all it says, and a digest that only we can make."""

    def __init__(self, path: Path, portal: Callable[[], str]) -> None:
        """The secret is made when first needed; `portal` says where the pages are, "" where there are none."""
        self._secret = Secret(path)
        self._portal = portal

    def link(self, list: str, member: str) -> str:
        """For the header of one member's copy; "" where no page would answer."""
        portal = self._portal()
        if not portal:
            return ""
        said = f"{clock.timestamp() // _DAY:x} {list} {member}".encode()
        token = base64.urlsafe_b64encode(self._secret.digest(_told(said))[:_MARK] + said).rstrip(b"=")
        return f"{portal}{PATH}?t={token.decode()}"

    def read(self, token: str) -> Membership:
        """Fault NOT_FOUND for what we did not make, or not lately."""
        try:
            octets = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
            mark, said = octets[:_MARK], octets[_MARK:]
            if not any(hmac.compare_digest(mark, each[:_MARK]) for each in self._secret.digests(_told(said))):
                raise ValueError
            day, name, member = said.decode().split(" ", 2)
        except ValueError:  # base64, Unicode and what is missing alike
            raise Fault(Kind.NOT_FOUND, "This link is not one of ours.") from None
        if clock.timestamp() // _DAY - int(day, 16) > _LIFE:
            raise Fault(Kind.NOT_FOUND, "This link is too old.")
        return Membership(name, member)


def _told(said: bytes) -> bytes:
    return b"unsubscribe " + said
