"""Asks a push service to deliver a message.  RFC 8030 5"""

import enum
from base64 import urlsafe_b64encode
from hashlib import blake2b
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

import msgspec
from py_vapid import VapidException

from odcore import clock
from odcore.errors import Fault
from odcore.net.outside import Outside, allowed
from oddav.push.keys import Keys
from oddav.push.message import encrypted
from oddav.store.ops.push import Subscription

_SECONDS = 15.0
_PAUSE = 60
"""Seconds in which a service that could not be reached is not tried again, for whichever device: others go on."""

_LIFE = 3 * 24 * 3600
"""Seconds that the service keeps it for a device that is not reachable."""

_GONE = (404, 410)
_LONGEST_WAIT = 24 * 3600


class Became(enum.Enum):
    """What became of a push."""

    TAKEN = "taken"
    GONE = "gone"  # nobody listens there any more
    LATER = "later"


class Outcome(msgspec.Struct, frozen=True):
    """And why; `wait` is how long the service asks not to be asked again."""

    became: Became
    reason: str = ""
    wait: int = 0


class Service:
    """All services that are allowed. Blocks."""

    def __init__(self, outside: Outside, keys: Keys, contact: str, seconds: float = _SECONDS) -> None:
        self._outside = outside
        self._keys = keys
        self._contact = contact
        self._seconds = seconds
        self._away: dict[str, float] = {}

    def push(self, to: Subscription, octets: bytes, topic: str) -> Outcome:
        """Messages of one `topic` to one subscription replace each other while they wait for the device."""
        try:
            url = allowed(to.resource, self._outside.hosts)
        except Fault as fault:  # it was, once
            return Outcome(Became.GONE, fault.text)
        place = urlsplit(url).netloc
        if clock.monotonic() < self._away.get(place, 0.0):
            return Outcome(Became.LATER, "it was away a moment ago", _PAUSE)
        try:
            headers = self._headers(url, to, topic)
            body = encrypted(octets, to.public_key, to.secret)
            with self._outside.connection(url, self._seconds) as (http, path):
                http.request("POST", path, body, headers)
                return _read(http.getresponse())
        except (OSError, HTTPException) as error:
            self._away[place] = clock.monotonic() + _PAUSE
            return Outcome(Became.LATER, str(error) or type(error).__name__)
        except (ValueError, VapidException) as error:
            return Outcome(Became.LATER, str(error))
        except Fault as fault:
            return Outcome(Became.LATER, fault.text)

    def _headers(self, url: str, to: Subscription, topic: str) -> dict[str, str]:
        parts = urlsplit(url)
        digest = blake2b(f"{to.id} {topic}".encode(), digest_size=18).digest()
        return {
            "TTL": str(_LIFE),
            "Topic": urlsafe_b64encode(digest).decode(),  # tells the service nothing about who else is told
            "Content-Type": 'application/xml; charset="UTF-8"',
            "Content-Encoding": "aes128gcm",
            "Authorization": self._keys.authorization(f"{parts.scheme}://{parts.netloc}", self._contact),
            "User-Agent": "odmail",
            "Connection": "close",
        }


def _read(response: HTTPResponse) -> Outcome:
    if 200 <= response.status < 300:
        return Outcome(Became.TAKEN)
    reason = f"the answer is {response.status}"
    if response.status in _GONE:
        return Outcome(Became.GONE, reason)
    wait = response.getheader("Retry-After", "")
    return Outcome(Became.LATER, reason, min(int(wait), _LONGEST_WAIT) if wait.isdecimal() and len(wait) < 9 else 0)
