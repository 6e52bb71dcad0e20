"""Calendars and contacts asked without a socket, as the gateway would ask after sign-in."""

import io
from types import SimpleNamespace

from odcore.identity.api import Principal
from odcore.web.mount import PRINCIPAL, App


def ask(
    app: App, principal: Principal, method: str, path: str, body: bytes | str = b"", **headers: str
) -> SimpleNamespace:
    """The status, headers and octets of an answer; header names have underscores for hyphens."""
    octets = body if isinstance(body, bytes) else body.encode()
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "/dav",
        "PATH_INFO": path.encode().decode("latin-1"),  # PEP 3333
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "mail.example",
        "CONTENT_LENGTH": str(len(octets)),
        "CONTENT_TYPE": headers.pop("content_type", ""),
        "wsgi.input": io.BytesIO(octets),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "https",
        "REMOTE_USER": principal.account.id,
        PRINCIPAL: principal,
    }
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    told = {}

    def start(status, headers):
        told.update(status=int(status[:3]), headers=dict(headers))

    told["octets"] = b"".join(app(environ, start))
    return SimpleNamespace(**told)
