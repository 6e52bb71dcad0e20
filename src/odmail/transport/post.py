"""Hands a TLS report to a web server, as its domain asks; bounded like all we do at a stranger's wish.  RFC 8460 5.4"""

import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from odcore.errors import Fault, Kind
from odcore.net.connection import connected
from odmail.transport.fetch import SECONDS


class Post:
    """Call it with an https: URI and the packed report; it blocks."""

    def __init__(
        self, addresses: Callable[[str], tuple[str, ...]], context: ssl.SSLContext, seconds: float = SECONDS
    ) -> None:
        """`addresses` of a host, those only that strangers may lead us to."""
        self._addresses = addresses
        self._context = context
        self._seconds = seconds

    def __call__(self, uri: str, body: bytes) -> None:
        """Fault TRY_LATER with the reason why it was not taken."""
        try:
            self._post(uri, body)
        except (OSError, HTTPException, ValueError) as error:
            raise Fault(Kind.TRY_LATER, f"{uri} took no report: {str(error) or type(error).__name__}") from None

    def _post(self, uri: str, body: bytes) -> None:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or 443
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with connected(host, self._addresses(host), port, self._context, self._seconds) as tls:
            http = HTTPSConnection(host, port)
            http.sock = tls
            http.request("POST", path, body, {"Content-Type": "application/tlsrpt+gzip", "Connection": "close"})
            answer = http.getresponse()
            if not 200 <= answer.status < 300:
                raise ValueError(f"the answer is {answer.status}")
