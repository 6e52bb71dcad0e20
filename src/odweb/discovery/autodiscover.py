"""Outlook's Autodiscover: the POX answer for IMAP and SMTP, and the JSON that points to it.  MS-OXDSCLI

What is told depends on nothing but the domain: whether a person exists is not told to strangers.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import msgspec

from odcore.web.mount import App, Environ, StartResponse
from odweb.discovery.services import Services

POX_PATHS = ("/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml")
JSON_PATHS = ("/autodiscover/autodiscover.json", "/Autodiscover/Autodiscover.json")

_ENVELOPE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"

# One element of a document from strangers: no parser has to look at the rest of it.
_ADDRESS = re.compile(rb"<(?:\w+:)?EMailAddress>\s*([^<>\s]{3,320})\s*</")


def pox(services: Callable[[], Services]) -> App:
    """A WSGI application for POST; Outlook looks at nothing else."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        found = _ADDRESS.search(environ["wsgi.input"].read())
        address = found[1].decode("utf-8", "replace") if found else ""
        octets = document(services(), address)
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(octets)))])
        return [octets]

    return answer


def json(services: Callable[[], Services]) -> App:
    """A WSGI application: where the POX answer is, for clients of version 2."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        wanted = parse_qs(environ.get("QUERY_STRING", "")).get("Protocol", [""])[0]
        if wanted.lower() == "autodiscoverv1":
            status, told = "200 OK", {"Protocol": "AutodiscoverV1", "Url": services().url(POX_PATHS[0])}
        else:
            status = "404 Not Found"
            told = {"ErrorCode": "InvalidProtocol", "ErrorMessage": "Only AutodiscoverV1 is offered."}
        octets = msgspec.json.encode(told)
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(octets)))])
        return [octets]

    return answer


def document(services: Services, address: str) -> bytes:
    """The POX answer; `SPA` off: passwords go inside TLS, by no scheme of Microsoft's own."""
    root = Element("Autodiscover", xmlns=_ENVELOPE)
    response = SubElement(root, "Response", xmlns=_ANSWER)
    _leaf(SubElement(response, "User"), "DisplayName", address)
    account = SubElement(response, "Account")
    _leaf(account, "AccountType", "email")
    _leaf(account, "Action", "settings")
    _protocol(account, "IMAP", services.host, services.imaps, address)
    smtp = _protocol(account, "SMTP", services.host, services.submissions, address)
    if smtp is not None:
        _leaf(smtp, "UsePOPAuth", "on")
        _leaf(smtp, "SMTPLast", "off")
    octets: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return octets


def _protocol(account: Element, kind: str, host: str, port: int, address: str) -> Element | None:
    if not port:
        return None
    protocol = SubElement(account, "Protocol")
    for tag, text in (
        ("Type", kind),
        ("Server", host),
        ("Port", str(port)),
        ("DomainRequired", "off"),
        ("LoginName", address),
        ("SPA", "off"),
        ("SSL", "on"),
        ("AuthRequired", "on"),
    ):
        _leaf(protocol, tag, text)
    return protocol


def _leaf(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
