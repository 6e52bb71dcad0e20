"""Fetches a calendar by HTTPS from a host that is allowed, and from nowhere it may lead us.  RFC 9110

Somebody chooses what we connect to and somebody else what comes back. So the host is looked up once, its address is
checked and is the one we connect to, a redirect is checked like the first address, and size and time are bounded.
"""

import ipaddress
import ssl
from collections.abc import Callable, Collection
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec

from odcore.errors import Fault, Kind
from odcore.net.connection import connected
from odcore.net.networks import Networks
from oddav.feeds.settings import SubscriptionSettings

MOST = 16 << 20
"""Octets of a calendar."""

_SECONDS = 60.0
_REDIRECTS = 3
_LONGEST = 2000
_MOVED = (301, 302, 303, 307, 308)


class Fetched(msgspec.Struct, frozen=True):
    """`octets` is None where nothing has changed."""

    octets: bytes | None
    etag: str = ""
    modified: str = ""


class Web:
    """As far as calendars are fetched from it. Blocks."""

    def __init__(
        self,
        addresses: Callable[[str], tuple[str, ...]],
        settings: SubscriptionSettings,
        context: ssl.SSLContext,
        seconds: float = _SECONDS,
    ) -> None:
        self._addresses = addresses
        self._hosts = settings.hosts
        self._networks = Networks(settings.networks)
        self._context = context
        self._seconds = seconds

    def get(self, url: str, before: Fetched) -> Fetched:
        """Only if it is another than `before`. Faults DENIED, BAD_REQUEST; TRY_LATER with the reason."""
        try:
            for _ in range(_REDIRECTS + 1):
                told = self._get(allowed(url, self._hosts), before)
                if isinstance(told, Fetched):
                    return told
                url = urljoin(url, told)
        except (OSError, HTTPException, ValueError) as error:
            raise Fault(Kind.TRY_LATER, str(error) or type(error).__name__) from None
        raise Fault(Kind.TRY_LATER, "It leads on and on.")

    def _get(self, url: str, before: Fetched) -> Fetched | str:
        """A string is where it leads to."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        found = self._addresses(host)
        addresses = [each for each in found if self._is_outside(each)]
        if found and not addresses:
            raise Fault(Kind.DENIED, f"{host} lies in a network that is not to be looked into.")
        with connected(host, addresses, port, self._context, self._seconds) as tls:
            http = HTTPSConnection(host, port)
            http.sock = tls
            asked = {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
            headers = {"Accept": "text/calendar", "Connection": "close", "User-Agent": "odmail"}
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            http.request("GET", path, headers=headers | {name: each for name, each in asked.items() if each})
            return _read(http.getresponse(), before)

    def _is_outside(self, address: str) -> bool:
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return (ip.is_global and not ip.is_multicast) or str(ip) in self._networks


def allowed(url: str, hosts: Collection[str]) -> str:
    """As it will be fetched. Fault BAD_REQUEST for what is no address of a calendar, DENIED for other hosts."""
    parts = _split(url)
    if _place(parts) not in map(str.lower, hosts):
        raise Fault(Kind.DENIED, f"Calendars from {parts.hostname} cannot be subscribed to here.")
    return parts.geturl()


def _split(url: str) -> SplitResult:
    """webcal: is what pages write for https:."""
    if url.lower().startswith(("webcal:", "webcals:")):
        url = f"https:{url.partition(':')[2]}"
    try:
        parts = urlsplit(url.strip())
        plain = parts.scheme == "https" and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        plain = False
    if not plain or len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url.strip():
        raise Fault(Kind.BAD_REQUEST, "A calendar is subscribed to by an address that begins with https://.")
    return parts._replace(fragment="")


def _place(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    return host if parts.port in (None, 443) else f"{host}:{parts.port}"


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
