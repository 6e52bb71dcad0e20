"""The drive as a WSGI application behind the gateway, which has signed in whoever asks.  RFC 4918"""

import io
import logging
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from wsgidav.dav_error import DAVError, get_http_status_string

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.web.mount import PRINCIPAL, App, Environ, StartResponse, letters
from oddav.drive.view import View, Way
from oddav.wsgidav.resources import Provider
from oddav.wsgidav.server import Server

_METHODS = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK"

_LARGEST_XML = 1 << 20

_CONFIG: dict[str, Any] = {"block_size": 1 << 18, "hotfixes": {}}

logging.getLogger("wsgidav").disabled = True  # what it has to say is in the access log


def app(view: Callable[[Principal], View]) -> App:
    """`view` says what somebody sees."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "OPTIONS":  # the same for all, so that it tells nothing
            return _options(start_response, _METHODS)
        return _answer(view(environ[PRINCIPAL]), environ, start_response)

    return answer


def above(pages: App, names: tuple[str, ...]) -> App:
    """`pages`, and at "/" the folder that Windows looks for before it mounts one of those `names` below."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] != "/" or method not in ("OPTIONS", "PROPFIND"):
            return pages(environ, start_response)
        if method == "OPTIONS":
            return _options(start_response, "OPTIONS, GET, HEAD, PROPFIND")
        return _answer(_Above(names), environ, start_response)

    return answer


class _Above:
    """As much of a view as leads to others, the same for everybody."""

    person = ""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def look(self, path: str) -> Way:
        return Way(path, self._names if path == "/" else ())


def _options(start_response: StartResponse, methods: str) -> Iterable[bytes]:
    start_response("200 OK", [("DAV", "1, 2"), ("Allow", methods), ("MS-Author-Via", "DAV"), ("Content-Length", "0")])
    return [b""]


def _answer(view: Any, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    try:
        yield from _server(view, environ)(environ, start_response)
    except DAVError as error:
        yield _refusal(error, environ, start_response)


def _server(view: Any, environ: Environ) -> Server:
    """What WsgiDAV's own application would put into the environ."""
    letters(environ)
    environ["PATH_INFO"] = environ["PATH_INFO"] or "/"
    environ["wsgidav.config"], environ["wsgidav.verbose"] = _CONFIG, 0
    environ["wsgidav.auth.user_name"] = view.person
    if environ["REQUEST_METHOD"] != "PUT":
        _read_whole(environ)
    provider = Provider(view, environ["SCRIPT_NAME"])
    environ["wsgidav.provider"] = provider
    return Server(provider)


def _read_whole(environ: Environ) -> None:
    """Whatever is no upload is small; afterwards it has a length."""
    octets = environ["wsgi.input"].read(_LARGEST_XML + 1)
    if len(octets) > _LARGEST_XML:
        raise Fault(Kind.TOO_BIG, "The request is too large.")
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(octets), str(len(octets))


def _refusal(error: DAVError, environ: Environ, start_response: StartResponse) -> bytes:
    """As XML where the standard names what failed, else as a line of text.  RFC 4918 16"""
    headers = list(error.add_headers or [])
    if error.value == 304:
        start_response(get_http_status_string(error), headers)
        return b""
    if error.err_condition:
        kind, body = "application/xml; charset=utf-8", _condition(error)
    else:
        kind, body = "text/plain; charset=utf-8", f"{error.context_info or ''}\n".encode()
    headers += [("Content-Type", kind), ("Content-Length", str(len(body)))]
    start_response(get_http_status_string(error), headers)
    return b"" if environ["REQUEST_METHOD"] == "HEAD" else body


def _condition(error: DAVError) -> bytes:
    name = error.err_condition.condition_code.removeprefix("{DAV:}")
    text = escape(str(error.context_info or ""))
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<D:error xmlns:D="DAV:"><D:{name}/>'
        f"<D:responsedescription>{text}</D:responsedescription></D:error>\n"
    ).encode()
