"""Answers in XML, written as text: a listing of thousands is mostly this.  RFC 4918 14"""

from collections.abc import Iterable
from contextvars import ContextVar
from http import HTTPStatus
from urllib.parse import quote
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

DAV, CAL, CARD = "DAV:", "urn:ietf:params:xml:ns:caldav", "urn:ietf:params:xml:ns:carddav"
SERVER, APPLE = "http://calendarserver.org/ns/", "http://apple.com/ns/ical/"
PUSH = "https://bitfire.at/webdav-push"
PREFIX = {DAV: "D", CAL: "C", CARD: "CR", SERVER: "CS", APPLE: "A"}
_SPACES = " ".join(f'xmlns:{prefix}="{space}"' for space, prefix in PREFIX.items())
TYPE = "text/xml; charset=utf-8"

BRIEF: ContextVar[bool] = ContextVar("brief", default=False)
"""Does this request want to hear of nothing that is not there?  RFC 8144 2.1"""


def name(prefixed: str) -> str:
    """`C:calendar-data` in Clark's notation."""
    prefix, _, local = prefixed.partition(":")
    return f"{{{next(space for space, each in PREFIX.items() if each == prefix)}}}{local}"


def text(value: str) -> str:
    """Inside an element. A carriage return would be lost unless it is named."""
    return escape(value, {"\r": "&#13;"})


def element(clark: str, inner: str = "") -> str:
    """One element; `inner` is XML."""
    space, _, local = clark.removeprefix("{").rpartition("}")
    prefix, declared = PREFIX.get(space, "x"), ""
    if space not in PREFIX:
        prefix, declared = ("x", f" xmlns:x={quoteattr(space)}") if space else ("", "")
    tag = f"{prefix}:{local}" if prefix else local
    return f"<{tag}{declared}>{inner}</{tag}>" if inner else f"<{tag}{declared}/>"


def href(path: str) -> str:
    """A path, encoded the same way each time: what is left are letters that XML takes as they are."""
    return f"<D:href>{quote(path)}</D:href>"


def response(path: str, found: Iterable[str], missing: Iterable[str] = ()) -> str:
    """The properties of one resource."""
    return f"<D:response>{href(path)}{propstats(found, missing)}</D:response>"


def propstats(found: Iterable[str], missing: Iterable[str]) -> str:
    """What is there comes first, for Thunderbird looks no further."""
    there, not_there = "".join(found), "" if BRIEF.get() else "".join(missing)
    parts = [propstat(HTTPStatus.OK, there)] if there or not not_there else []
    if not_there:
        parts.append(propstat(HTTPStatus.NOT_FOUND, not_there))
    return "".join(parts)


def propstat(status: HTTPStatus, properties: str, error: str = "") -> str:
    """Some properties and what became of them."""
    told = f"<D:error>{error}</D:error>" if error else ""
    return f"<D:propstat><D:prop>{properties}</D:prop>{status_line(status)}{told}</D:propstat>"


def status(path: str, code: HTTPStatus, error: str = "") -> str:
    """A resource without properties."""
    told = f"<D:error>{error}</D:error>" if error else ""
    return f"<D:response>{href(path)}{status_line(code)}{told}</D:response>"


def status_line(code: HTTPStatus) -> str:
    """As DAV quotes it."""
    return f"<D:status>HTTP/1.1 {code.value} {code.phrase}</D:status>"


def document(root: str, inner: Iterable[str]) -> bytes:
    """All of it; `root` with its prefix."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_SPACES}>{"".join(inner)}</{root}>\n'.encode()


def asked(request: Element | None) -> list[str] | None:
    """The properties that a PROPFIND or a REPORT wants; None for all."""
    wanted = None if request is None else request.find("{DAV:}prop")
    return None if wanted is None else [each.tag for each in wanted]
