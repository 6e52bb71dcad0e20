"""Servers as one JSON document, for apps to come.  draft-ietf-mailmaint-pacc

Asked for at `https://ua-auto-config.DOMAIN/.well-known/user-agent-configuration.json`. An app believes it once a TXT
record at `_ua-auto-config.DOMAIN` has its digest, so the same settings always make the same octets. It knows only
connections that begin with TLS, at the usual ports: what stands at others is not in it.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable

import msgspec

from odcore.web.mount import App, Environ, StartResponse
from odweb.discovery.services import Services

PATHS = ("/.well-known/user-agent-configuration.json",)

_IMAPS, _SUBMISSIONS, _HTTPS = 993, 465, 443


def app(services: Callable[[], Services]) -> App:
    """A WSGI application."""

    def answer(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        octets = document(services())
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(octets)))])
        return [octets]

    return answer


def document(services: Services) -> bytes:
    """The same octets as long as the servers are the same."""
    host = services.host
    protocols: dict[str, dict[str, str]] = {}
    if services.imaps == _IMAPS:
        protocols["imap"] = {"host": host}
    if services.submissions == _SUBMISSIONS:
        protocols["smtp"] = {"host": host}
    if services.https == _HTTPS:
        for name, path in (("caldav", "dav"), ("carddav", "dav"), ("webdav", "drive")):
            protocols[name] = {"url": f"https://{host}/{path}/"}
    told = {
        "protocols": protocols,
        "authentication": {"password": True},
        "info": {"provider": {"name": services.domains[0]}},
    }
    return msgspec.json.encode(told)


def record(services: Services) -> str:
    """What the TXT record at `_ua-auto-config` of each domain says."""
    return f"v=UAAC1; a=sha256; d={base64.b64encode(hashlib.sha256(document(services)).digest()).decode()}"
