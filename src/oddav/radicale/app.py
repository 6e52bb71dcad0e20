"""The WSGI application at /dav/: Radicale's, with methods of ours.  RFC 4918, 4791, 6352, 6578"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from radicale import config
from radicale.app import Application as Radicale

from odcore.errors import Fault, Kind
from odcore.web.mount import PRINCIPAL, App, Environ, StartResponse, letters
from oddav.radicale import (
    collections,
    directory,
    invites,
    outbox,
    preferences,
    principals,
    propfind,
    proxies,
    push,
    report,
    resources,
    transfer,
    xml,
)
from oddav.radicale.answers import Answer, Condition, answer, forbidden, method, multistatus
from oddav.radicale.place import Place, read
from oddav.radicale.plugins import Auth, Rights
from oddav.radicale.storage import Storage
from oddav.radicale.visit import CURRENT, House, Visit
from oddav.store.model import Right

DAV = (
    "1, 3, extended-mkcol, calendar-access, calendar-auto-schedule, calendar-availability, calendar-proxy, "
    "calendarserver-sharing, addressbook"
)
"""No locks, no access control to write: what is not there is not announced."""

_METHODS = "COPY, DELETE, GET, HEAD, MKCALENDAR, MKCOL, MOVE, OPTIONS, POST, PROPFIND, PROPPATCH, PUT, REPORT"
_NOT_OURS = ("HTTP_X_SCRIPT_NAME", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO")
"""Radicale would believe these of anybody."""

_DEEPEST = 2
"""Slashes in the path of a resource."""


def app(house: House) -> App:
    """The collections of whoever signed in."""
    radicale = _Application(_configuration())
    announced = f"{DAV}, webdav-push" if house.push else DAV

    def called(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "OPTIONS":  # before signing in, and alike for all paths
            start_response("200 OK", [("DAV", announced), ("Allow", _METHODS), ("Content-Length", "0")])
            return []
        letters(environ)
        environ["PATH_INFO"] = quote(environ["PATH_INFO"])  # it would refuse names that no file may have
        principal = environ[PRINCIPAL]
        token = CURRENT.set(Visit(principal, house, push.quiet(principal, environ) if house.push else None))
        for name in _NOT_OURS:
            environ.pop(name, None)
        try:
            return list(radicale(environ, start_response))
        finally:
            CURRENT.reset(token)

    return called


def _configuration() -> config.Configuration:
    """Its own delays off (the gateway slows down guessing), its log quiet (the gateway has one)."""
    logging.getLogger("radicale").setLevel(logging.CRITICAL + 1)
    made = config.load()
    plugins = {"auth": Auth, "rights": Rights, "storage": Storage, "web": "none"}
    made.update({name: {"type": plugin} for name, plugin in plugins.items()}, "odmail", privileged=True)
    made.update({"auth": {"delay": 0}, "server": {"delay_on_error": 0}}, "odmail", privileged=True)
    return made


class _Application(Radicale):
    """What is left to Radicale: finding the method, reading XML safely, expansion."""

    @method
    def do_PROPFIND(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        request = self._request(environ)
        depth, place = environ.get("HTTP_DEPTH", "").strip().lower(), _place(path, prefix)
        told = directory.propfind if directory.is_in(place) else propfind.responses
        with preferences.brevity(environ) as headers:
            return multistatus(list(told(CURRENT.get(), place, depth, request)), **headers)

    @method
    def do_REPORT(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _read(path, prefix)
        request = self._request(environ)
        if request is None:
            raise Fault(Kind.BAD_REQUEST, "The request has no body.")
        with preferences.brevity(environ) as headers:
            return self._reported(place, request, environ, headers)

    def _reported(self, place: Place, request: Element, environ: Environ, headers: preferences.Headers) -> Answer:
        if directory.is_in(place):
            host = environ.get("HTTP_HOST", "")
            return multistatus(directory.report(CURRENT.get(), place, request, host), **headers)
        if request.tag in principals.REPORTS:
            return _about_principals(place, request, headers)
        if request.tag == report.FREE_BUSY:
            told = report.free_busy(CURRENT.get(), place, request)
            return answer(HTTPStatus.OK, told, Content_Type="text/calendar; charset=utf-8")
        return multistatus(report.responses(CURRENT.get(), place, request, environ.get("HTTP_HOST", "")), **headers)

    @method
    def do_GET(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _read(path, prefix)
        if directory.is_in(place):
            return directory.get(CURRENT.get(), place, environ)
        return resources.get(CURRENT.get(), place, environ) if place.is_resource else _not_here()

    def do_HEAD(self, *given: Any) -> Answer:
        return self.do_GET(*given)

    @method
    def do_PUT(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _seen(path, prefix)
        return resources.put(CURRENT.get(), place, environ) if place.is_resource else _not_here()

    @method
    def do_DELETE(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        if push.is_in(_place(path, prefix)):
            return push.unregister(CURRENT.get(), _place(path, prefix))
        place = _seen(path, prefix)
        return resources.delete(CURRENT.get(), place, environ) if place.collection else _not_here()

    @method
    def do_MOVE(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _seen(path, prefix)
        return transfer.move(CURRENT.get(), place, environ) if place.is_resource else _not_here()

    @method
    def do_COPY(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _seen(path, prefix)
        return transfer.copy(CURRENT.get(), place, environ) if place.is_resource else _not_here()

    @method
    def do_MKCALENDAR(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        return collections.make_calendar(CURRENT.get(), _new(path, prefix), self._request(environ))

    @method
    def do_MKCOL(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _new(path, prefix)
        try:
            request = self._request(environ)
        except Fault:
            if "xml" in environ.get("CONTENT_TYPE", "xml"):
                raise
            return answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)  # RFC 4918 9.3
        return collections.make_collection(CURRENT.get(), place, request)

    @method
    def do_PROPPATCH(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place, request = _seen(path, prefix), self._request(environ)
        if place.collection in proxies.GROUPS:
            return proxies.patch(CURRENT.get(), place, request, environ.get("HTTP_HOST", ""))
        return collections.patch(CURRENT.get(), place, request, brief=preferences.wants(environ, "minimal"))

    @method
    def do_POST(self, environ: Environ, prefix: str, path: str, *_more: Any) -> Answer:
        place = _seen(path, prefix)
        told = outbox.post(CURRENT.get(), place, environ) if place.collection else None
        if (
            told is not None
            or not place.collection
            or place.is_resource
            or "xml" not in environ.get("CONTENT_TYPE", "")
        ):
            return told or _not_here()
        request, host = self._request(environ), environ.get("HTTP_HOST", "")
        if request is not None and request.tag == push.REGISTER:
            return push.register(CURRENT.get(), place, request, host)
        if request is None or request.tag != xml.name("CS:share"):
            raise Fault(Kind.BAD_REQUEST, "This is no request to share, nor one to be told of changes.")
        return invites.share(CURRENT.get(), place, request, host)

    def _request(self, environ: Environ) -> Element | None:
        """The body. Fault BAD_REQUEST for what is no XML, or XML with entities in it."""
        try:
            return self._read_xml_request_body(environ, {})
        except (RuntimeError, ValueError, LookupError) as error:
            raise Fault(Kind.BAD_REQUEST, "The request is not well-formed XML.") from error


def _about_principals(place: Place, request: Element, headers: preferences.Headers) -> Answer:
    if request.tag == principals.SEARCHABLE:
        return answer(HTTPStatus.OK, principals.searchable(), Content_Type=xml.TYPE)
    told = principals.search if request.tag == principals.SEARCH else principals.expand
    return multistatus(told(CURRENT.get(), place, request), **headers)


def _place(path: str, prefix: str) -> Place:
    """What Radicale carried on, spelt out again."""
    return read(unquote(path), prefix)


def _seen(path: str, prefix: str) -> Place:
    """What is to be changed: nothing in the directory. Condition need-privileges, Fault NOT_FOUND."""
    place = _read(path, prefix)
    if directory.is_in(place):
        raise forbidden("D:need-privileges")
    return place


def _new(path: str, prefix: str) -> Place:
    """What is to be made. Condition 409 for what is deeper than anything it could be in.  RFC 4918 9.3.1"""
    if path.strip("/").count("/") > _DEEPEST:
        raise Condition(HTTPStatus.CONFLICT, "<D:resource-must-be-null/>")
    return _seen(path, prefix)


def _read(path: str, prefix: str) -> Place:
    """Fault NOT_FOUND before anything tells whether a path of somebody else's exists."""
    place = _place(path, prefix)
    if directory.is_in(place):
        return place
    if place.owner:
        CURRENT.get().owner(place.owner)
    if place.collection and place.collection not in proxies.GROUPS:
        CURRENT.get().at(place.owner, place.collection, Right.FREE_BUSY)
    return place


def _not_here() -> Answer:
    return answer(HTTPStatus.METHOD_NOT_ALLOWED, b"Not on this.\n", Allow=_METHODS, Content_Type="text/plain")
