"""Fetches a calendar by HTTPS from a host that is allowed.  RFC 9110

Somebody chooses what we connect to and somebody else what comes back: `odcore.net.outside` sees to where we connect, a
redirect is checked like the first address, and size and time are bounded.
"""

from collections.abc import Collection
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin

import msgspec

from odcore.errors import Fault, Kind
from odcore.net import outside

MOST = 16 << 20
"""Octets of a calendar."""

_SECONDS = 60.0
_REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)


class Fetched(msgspec.Struct, frozen=True):
    """`octets` is None where nothing has changed."""

    octets: bytes | None
    etag: str = ""
    modified: str = ""


class Web:
    """As far as calendars are fetched from it. Blocks."""

    def __init__(self, reach: outside.Outside, seconds: float = _SECONDS) -> None:
        self._reach = reach
        self._seconds = seconds

    def get(self, url: str, before: Fetched) -> Fetched:
        """Only if it is another than `before`. Faults DENIED, BAD_REQUEST; TRY_LATER with the reason."""
        try:
            for _ in range(_REDIRECTS + 1):
                told = self._get(allowed(url, self._reach.hosts), before)
                if isinstance(told, Fetched):
                    return told
                url = urljoin(url, told)
        except (OSError, HTTPException, ValueError) as error:
            raise Fault(Kind.TRY_LATER, str(error) or type(error).__name__) from None
        raise Fault(Kind.TRY_LATER, "It leads on and on.")

    def _get(self, url: str, before: Fetched) -> Fetched | str:
        """A string is where it leads to."""
        with self._reach.connection(url, self._seconds) as (http, path):
            asked = {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
            headers = {"Accept": "text/calendar", "Connection": "close", "User-Agent": "odmail"}
            http.request("GET", path, headers=headers | {name: each for name, each in asked.items() if each})
            return _read(http.getresponse(), before)


def allowed(url: str, hosts: Collection[str]) -> str:
    """As it will be fetched. Fault BAD_REQUEST for what is no address of a calendar, DENIED for other hosts."""
    if url.lower().startswith(("webcal:", "webcals:")):  # what pages write for https:
        url = f"https:{url.partition(':')[2]}"
    return outside.allowed(url, hosts)


def _read(response: HTTPResponse, before: Fetched) -> Fetched | str:
    if response.status in _MOVED:
        return response.getheader("Location", "")
    if response.status == 304:
        return msgspec.structs.replace(before, octets=None)
    if response.status != 200:
        raise ValueError(f"the answer is {response.status}")
    octets = response.read(MOST + 1)
    if len(octets) > MOST:
        raise ValueError("it is too large")
    if response.length:
        raise ValueError("it is cut short")
    return Fetched(octets, response.getheader("ETag", "")[:500], response.getheader("Last-Modified", "")[:100])
