"""The methods of WebDAV: WsgiDAV's own where they are right for us, ours where they are not.  RFC 4918 9

Ours are those that would change something piece by piece (PUT, COPY, MOVE, DELETE, PROPPATCH: here one transaction of
the store), and PROPFIND for `propname`, `include` and a finite depth.
"""

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from wsgidav import util, xml_tools
from wsgidav.dav_error import DAVError, get_http_status_string
from wsgidav.request_server import RequestServer

from odcore.blob.behind import Behind
from odcore.blob.incoming import IN_MEMORY, Incoming
from odcore.errors import Fault, Kind
from odcore.web.body import announced
from odcore.web.mount import Environ, StartResponse
from oddav.drive.store.model import Stored
from oddav.drive.store.names import split
from oddav.drive.view import Place
from oddav.wsgidav import conditions
from oddav.wsgidav.faults import faults, told
from oddav.wsgidav.listing import multistatus
from oddav.wsgidav.mime import mime_of
from oddav.wsgidav.resources import Provider, caller
from oddav.wsgidav.standing import Standing

_PROTECTED = frozenset(
    f"{{DAV:}}{name}"
    for name in (
        *("creationdate", "getcontentlength", "getcontenttype", "getetag", "getlastmodified", "lockdiscovery"),
        *("resourcetype", "supportedlock", "quota-used-bytes", "quota-available-bytes"),
    )
)

Answer = Iterable[bytes]


class Server(RequestServer):  # type: ignore[misc]
    """For one request."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self.provider = provider

    def _evaluate_if_headers(self, res: Any, environ: Environ) -> None:
        if "wsgidav.conditions.if" not in environ:
            conditions.read_if(environ)
        if res is None:
            return
        super()._evaluate_if_headers(res, environ)

    def do_PROPFIND(self, environ: Environ, start_response: StartResponse) -> Answer:
        depth = environ.get("HTTP_DEPTH", "infinity")
        if depth == "infinity":
            raise DAVError(403, "Ask for one folder at a time.", err_condition="{DAV:}propfind-finite-depth")
        if depth not in ("0", "1"):
            raise DAVError(400, "Depth must be 0 or 1.")
        resource = self._known(environ)
        self._evaluate_if_headers(resource, environ)
        mode, names = _wanted(util.parse_xml_body(environ, allow_empty=True))
        octets = multistatus(resource.get_descendants(depth=depth, add_self=True), mode, names)
        headers = [("Content-Type", "application/xml; charset=utf-8"), ("Content-Length", str(len(octets)))]
        start_response(get_http_status_string(207), headers)
        return [octets]

    def do_PROPPATCH(self, environ: Environ, start_response: StartResponse) -> Answer:
        resource = self._known(environ)
        place = self._place(environ["PATH_INFO"], Place.to_change)
        self._evaluate_if_headers(resource, environ)
        changes = _changes(util.parse_xml_body(environ))
        refused = [name for name in changes if name in _PROTECTED]
        if refused:
            forbidden = DAVError(403, err_condition="{DAV:}cannot-modify-protected-property")
            results = [(name, forbidden if name in refused else DAVError(424)) for name in changes]
        else:
            with faults():
                place.drive.proppatch(caller(environ), place.path, changes)
            results = [(name, None) for name in changes]
        answer = xml_tools.make_multistatus_el()
        util.add_property_response(answer, resource.get_href(), results)
        return util.send_multi_status_response(environ, start_response, answer)  # type: ignore[no-any-return]

    def do_PUT(self, environ: Environ, start_response: StartResponse) -> Answer:
        """The old content stays until all of the new one is on the disk."""
        if "HTTP_CONTENT_RANGE" in environ:  # RFC 9110 14.5
            raise DAVError(400, "A part of a file cannot be put.")
        if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            raise DAVError(415, "Files are put as they are, without an encoding.")
        if environ["PATH_INFO"].endswith("/"):
            raise _is_folder()
        size, conditional = announced(environ), conditions.is_conditional(environ)
        is_small = size is not None and size <= IN_MEMORY
        seen = None
        if conditional or not is_small:  # else the store sees soon enough what is there
            had = self._replaced(environ)
            seen = had if conditional else None
        place = self._place(environ["PATH_INFO"], Place.to_name)
        if not is_small:
            with faults():
                place.drive.check_put(caller(environ), place.path, size or 0)
        try:
            stored = self._take(environ, place, seen, is_small)
        except Fault as fault:
            if fault.kind is Kind.EXISTS:
                self._replaced(environ)  # of a folder there is more to say
            raise told(fault) from fault
        return _done(start_response, 201 if stored.is_new else 204, ("ETag", f'"{stored.node.etag}"'))

    def _replaced(self, environ: Environ) -> str:
        """The etag of what a PUT would replace, if the client's conditions hold of it; "" where there is nothing."""
        old = self.provider.get_resource_inst(environ["PATH_INFO"], environ)
        if old is not None and old.is_collection:
            raise _is_folder()
        self._evaluate_if_headers(old, environ)
        if old is None:
            conditions.holds_for_nothing(environ)
        return old.get_etag() if old is not None else ""

    def _take(self, environ: Environ, place: Place, seen: str | None, is_small: bool) -> Stored:
        standing = Standing(lambda: self.provider.view.look_again(environ["PATH_INFO"]).to_name())
        incoming = place.drive.incoming()
        try:
            _receive(environ["wsgi.input"], incoming, standing, is_small)
            mime = mime_of(split(place.path)[1], environ.get("CONTENT_TYPE", ""))
            return place.drive.put(caller(environ), place.path, incoming, mime, seen)
        finally:
            incoming.discard()

    def do_MKCOL(self, environ: Environ, start_response: StartResponse) -> Answer:
        if environ["CONTENT_LENGTH"] != "0":  # RFC 4918 9.3
            raise DAVError(415, "A folder is made without a body.")
        if self.provider.get_resource_inst(environ["PATH_INFO"], environ) is not None:
            raise DAVError(405, "It is there already.")
        place = self._place(environ["PATH_INFO"], Place.to_name)
        self._evaluate_if_headers(None, environ)
        with faults():
            place.drive.mkcol(caller(environ), place.path)
        return _done(start_response, 201)

    def do_DELETE(self, environ: Environ, start_response: StartResponse) -> Answer:
        resource = self._known(environ)
        if resource.is_collection and environ.get("HTTP_DEPTH", "infinity") != "infinity":
            raise DAVError(400, "A folder is deleted with all that is in it.")
        place = self._place(environ["PATH_INFO"], Place.to_name)
        self._evaluate_if_headers(resource, environ)
        with faults():
            place.drive.delete(caller(environ), place.path)
        return _done(start_response, 204)

    def do_COPY(self, environ: Environ, start_response: StartResponse) -> Answer:
        depth = environ.get("HTTP_DEPTH", "infinity")
        if depth not in ("0", "infinity"):
            raise DAVError(400, "Depth must be 0 or infinity.")
        source, target, status = self._both(environ, self._place(environ["PATH_INFO"]))
        deep = depth == "infinity"
        with faults():
            if target.drive.id == source.drive.id:
                source.drive.copy(caller(environ), source.path, target.path, deep)
            else:
                target.drive.copy_from(caller(environ), source.drive, source.path, target.path, deep)
        return _done(start_response, status)

    def do_MOVE(self, environ: Environ, start_response: StartResponse) -> Answer:
        source, target, status = self._both(environ, self._place(environ["PATH_INFO"], Place.to_name))
        with faults():
            if target.drive.id == source.drive.id:
                source.drive.move(caller(environ), source.path, target.path)
            else:
                target.drive.move_from(caller(environ), source.drive, source.path, target.path)
        return _done(start_response, status)

    def _both(self, environ: Environ, source: Place) -> tuple[Place, Place, int]:
        """From where to where, and the status of success.  RFC 4918 9.8.5"""
        resource = self._known(environ)
        target_path = destination(environ)
        target = self._place(target_path, Place.to_name)
        there = self.provider.get_resource_inst(target_path, environ)
        self._evaluate_if_headers(resource, environ)
        if there is not None and environ.get("HTTP_OVERWRITE", "T") == "F":
            raise DAVError(412, "There is something already.")
        return source, target, 204 if there is not None else 201

    def _known(self, environ: Environ) -> Any:
        resource = self.provider.get_resource_inst(environ["PATH_INFO"], environ)
        if resource is None:
            raise DAVError(404, "There is no such file.")
        return resource

    def _place(self, path: str, allowed: Callable[[Place], Place] = lambda place: place) -> Place:
        """What a path means, if one is `allowed` there what is to be done."""
        with faults():
            return allowed(self.provider.view.place(path))


def _receive(source: io.BufferedReader, incoming: Incoming, standing: Standing, is_small: bool) -> None:
    if is_small:
        while octets := source.read(IN_MEMORY):
            incoming.write(octets)
    else:
        with Behind(incoming) as behind:
            while behind.take(source):
                standing.check()
    standing.check()


def _is_folder() -> DAVError:
    return DAVError(405, "A folder cannot be put.")


def _done(start_response: StartResponse, status: int, *headers: tuple[str, str]) -> Answer:
    """Nothing more to say."""
    start_response(get_http_status_string(status), [*headers, *([("Content-Length", "0")] if status == 201 else [])])
    return [b""]


def destination(environ: Environ) -> str:
    """The path inside the mount that the Destination header means.  RFC 4918 10.3"""
    given = environ.get("HTTP_DESTINATION", "")
    if not given:
        raise DAVError(400, "The Destination header is missing.")
    try:
        url = urlsplit(given)
        path = unquote(url.path, errors="strict")
    except ValueError as error:
        raise DAVError(400, "The Destination header is no address.") from error
    mount = environ["SCRIPT_NAME"]
    elsewhere = url.netloc and url.netloc.lower() != environ.get("HTTP_HOST", "").lower()
    if elsewhere or url.scheme not in ("", "https") or not (path + "/").startswith(mount + "/"):
        raise DAVError(502, "The destination is not on this drive.")
    return path[len(mount) :] or "/"


def _wanted(request: Any) -> tuple[str, list[str]]:
    """allprop, name (what WsgiDAV calls propname) or named; and the properties named.  RFC 4918 14.20"""
    if request is None:
        return "allprop", []
    if request.tag != "{DAV:}propfind":
        raise DAVError(400, "A propfind element is expected.")
    asked = {each.tag: each for each in request if isinstance(each.tag, str)}
    modes = [tag for tag in ("{DAV:}allprop", "{DAV:}propname", "{DAV:}prop") if tag in asked]
    if len(modes) != 1:
        raise DAVError(400, "One of prop, allprop and propname is expected.")
    listed = asked.get("{DAV:}prop", asked.get("{DAV:}include"))
    names = [each.tag for each in listed if isinstance(each.tag, str)] if listed is not None else []
    return {"{DAV:}allprop": "allprop", "{DAV:}propname": "name", "{DAV:}prop": "named"}[modes[0]], names


def _changes(request: Any) -> dict[str, bytes | None]:
    """In the order of the document: the last word on a property counts.  RFC 4918 14.19"""
    if request.tag != "{DAV:}propertyupdate":
        raise DAVError(400, "A propertyupdate element is expected.")
    changes: dict[str, bytes | None] = {}
    for step in request:
        if step.tag not in ("{DAV:}set", "{DAV:}remove"):
            continue
        for each in (each for prop in step if prop.tag == "{DAV:}prop" for each in prop if isinstance(each.tag, str)):
            changes.pop(each.tag, None)
            changes[each.tag] = xml_tools.xml_to_bytes(each, pretty=False) if step.tag == "{DAV:}set" else None
    return changes
