"""Thunderbird's and K-9's autoconfig file.  draft-ietf-mailmaint-autoconfig

Asked for at `/mail/config-v1.1.xml` (host `autoconfig.DOMAIN`) and `/.well-known/autoconfig/mail/config-v1.1.xml`, with
or without `?emailaddress=`: what is told depends on neither, for the login is the address itself.
"""

from collections.abc import Callable, Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import idna

from odcore.web.mount import App, Environ, StartResponse
from odweb.discovery.services import Services

PATHS = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")

_LONGEST, _SHORT = 60, 20
"""Letters of the names that people see."""

_WEB = (("addressbook", "carddav", "/dav/"), ("calendar", "caldav", "/dav/"), ("fileShare", "webdav", "/drive/"))


def app(services: Callable[[], Services]) -> App:
    """A WSGI application; `services` is asked each time, for domains come and go."""

    def answer(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        octets = document(services())
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(octets)))])
        return [octets]

    return answer


def document(services: Services) -> bytes:
    """The XML file."""
    root = Element("clientConfig", version="1.1")
    provider = SubElement(root, "emailProvider", id=services.domains[0])
    for domain in services.domains:
        _leaf(provider, "domain", _ascii(domain))
    _leaf(provider, "displayName", services.domains[0][:_LONGEST])
    _leaf(provider, "displayShortName", services.domains[0].partition(".")[0][:_SHORT])
    _server(provider, "incomingServer", "imap", services.host, services.imaps, "SSL")
    _server(provider, "incomingServer", "imap", services.host, services.imap, "STARTTLS")
    _server(provider, "outgoingServer", "smtp", services.host, services.submissions, "SSL")
    _server(provider, "outgoingServer", "smtp", services.host, services.submission, "STARTTLS")
    if services.https:
        for tag, kind, path in _WEB:
            _page(root, tag, kind, services.url(path))
    octets: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return octets


def _server(provider: Element, tag: str, kind: str, host: str, port: int, socket: str) -> None:
    if not port:
        return
    server = SubElement(provider, tag, type=kind)
    _leaf(server, "hostname", host)
    _leaf(server, "port", str(port))
    _leaf(server, "socketType", socket)
    _leaf(server, "authentication", "password-cleartext")
    _leaf(server, "username", "%EMAILADDRESS%")


def _page(root: Element, tag: str, kind: str, url: str) -> None:
    """A server by HTTPS: beside the provider, not in it."""
    server = SubElement(root, tag, type=kind)
    _leaf(server, "url", url)
    _leaf(server, "authentication", "basic")
    _leaf(server, "username", "%EMAILADDRESS%")


def _leaf(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text


def _ascii(domain: str) -> str:
    """Thunderbird compares with the A-label."""
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
