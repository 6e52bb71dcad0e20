"""Fetches MTA-STS policies by HTTPS: from their one place, with a certificate that is checked, or not at all.

RFC 8461 3.3. Strangers choose what we connect to and what comes back: no redirect is followed, and size and time are
bounded.
"""

import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPSConnection

from odcore.errors import Fault, Kind
from odcore.net.connection import connected

MOST = 64 * 1024
"""Octets of a policy."""

SECONDS = 60.0
"""For all of it."""


class Https:
    """Call it with a domain; it blocks."""

    def __init__(
        self,
        addresses: Callable[[str], tuple[str, ...]],
        context: ssl.SSLContext,
        port: int = 443,
        seconds: float = SECONDS,
    ) -> None:
        """`addresses` of a host, those only that strangers may lead us to."""
        self._addresses = addresses
        self._context = context
        self._port = port
        self._seconds = seconds

    def __call__(self, domain: str) -> bytes:
        """The policy as it came. Fault with the reason why it could not be had; DENIED for its certificate."""
        host = f"mta-sts.{domain}"
        try:
            return self._get(host)
        except (OSError, HTTPException, ValueError) as error:
            kind = Kind.DENIED if isinstance(error, ssl.SSLCertVerificationError) else Kind.TRY_LATER
            raise Fault(kind, f"No MTA-STS policy from {host}: {str(error) or type(error).__name__}") from None

    def _get(self, host: str) -> bytes:
        with connected(host, self._addresses(host), self._port, self._context, self._seconds) as tls:
            return _ask(host, tls)


def _ask(host: str, connection: ssl.SSLSocket) -> bytes:
    http = HTTPSConnection(host)
    http.sock = connection
    http.request("GET", "/.well-known/mta-sts.txt", headers={"Connection": "close"})
    response = http.getresponse()
    if response.status != 200:  # redirects, too (RFC 8461 3.3)
        raise ValueError(f"the answer is {response.status}")
    if response.headers.get_content_type() != "text/plain":
        raise ValueError("it is not text/plain")
    octets = response.read(MOST + 1)
    if len(octets) > MOST:
        raise ValueError("it is too long")
    if response.length:
        raise ValueError("it is cut short")
    return octets
