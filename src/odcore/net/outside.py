"""HTTPS to hosts that somebody else named: to allowed ones alone, and to no address where they may not lead.  RFC 9110

Who names a host also says, by the DNS, where it is. So a name is looked up once, its addresses are checked, and one of
these is connected to. Size, time and redirects are the caller's to bound.
"""

import ipaddress
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from odcore.config.types import Network
from odcore.errors import Fault, Kind
from odcore.net.connection import connected
from odcore.net.networks import Networks

_LONGEST = 2000


class Outside:
    """The hosts that are allowed, each a name or name:port, and the networks of the house they may lie in. Blocks."""

    def __init__(
        self,
        addresses: Callable[[str], tuple[str, ...]],
        hosts: Collection[str],
        networks: tuple[Network, ...],
        context: ssl.SSLContext,
    ) -> None:
        self._addresses = addresses
        self.hosts = hosts
        self._networks = Networks(networks)
        self._context = context

    @contextmanager
    def connection(self, url: str, seconds: float) -> Iterator[tuple[HTTPSConnection, str]]:
        """To where an allowed URL points, for so long at most; and what is asked for there.

        Fault DENIED for a network that is not outside. Raises OSError.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        found = self._addresses(host)
        addresses = [each for each in found if self._is_outside(each)]
        if found and not addresses:
            raise Fault(Kind.DENIED, f"{host} lies in a network that is not to be looked into.")
        with connected(host, addresses, port, self._context, seconds) as tls:
            http = HTTPSConnection(host, port)
            http.sock = tls
            yield http, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _is_outside(self, address: str) -> bool:
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return (ip.is_global and not ip.is_multicast) or str(ip) in self._networks


def allowed(url: str, hosts: Collection[str]) -> str:
    """As it will be asked. Fault BAD_REQUEST for what is no address by HTTPS, DENIED for other hosts than these."""
    parts = _split(url)
    if _place(parts) not in map(str.lower, hosts):
        raise Fault(Kind.DENIED, f"{parts.hostname} is none of the hosts that are allowed here.")
    return parts.geturl()


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        plain = parts.scheme == "https" and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        plain = False
    if not plain or len(url) > _LONGEST or not url.isascii() or not url.isprintable() or " " in url.strip():
        raise Fault(Kind.BAD_REQUEST, "An address that begins with https:// is needed.")
    return parts._replace(fragment="")


def _place(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    return host if parts.port in (None, 443) else f"{host}:{parts.port}"
