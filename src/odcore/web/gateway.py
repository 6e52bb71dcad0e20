"""The one door of all HTTP: who are you, how much do you send, and what came of it.  PEP 3333

In this order: an id for the request, the application by its path, sign-in before anything is read, a place among
those who send bodies, the body's limits, the application, and one line in the access log. An application may raise a
`Fault`; whatever else it raises is logged with the request's id and answered with 500.
"""

import io
from collections.abc import Iterable, Sequence

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.web.admission import Admission
from odcore.web.basic import Basic
from odcore.web.body import Body, announced
from odcore.web.exchange import Exchange, Observe
from odcore.web.mount import PRINCIPAL, Entry, Environ, Mount, StartResponse

log = structlog.get_logger()

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})


class Gateway:
    """A WSGI application."""

    def __init__(
        self, mounts: Sequence[Mount], basic: Basic, senders: Admission, readers: Admission, observe: Observe
    ) -> None:
        """`senders` send bodies, `readers` get answers of many parts: both hold a thread as long as they like."""
        self._mounts = sorted(mounts, key=lambda mount: -len(mount.prefix))
        self._basic = basic
        self._senders = senders
        self._readers = readers
        self._observe = observe

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        exchange = Exchange(environ, self._observe)
        try:
            exchange.enter(self._mount(environ))
            self._admit(exchange)
            exchange.call()
            if exchange.is_long:
                exchange.held.enter_context(self._readers.admitted(exchange.whose))
        except Fault as fault:
            exchange.refuse(fault)
        except Exception as error:
            log.exception("bug", request=exchange.id, path=exchange.path, error=type(error).__name__)
            exchange.refuse(Fault(Kind.INTERNAL, f"Something went wrong here, reference {exchange.id}."))
        return exchange.answer(start_response)

    def _mount(self, environ: Environ) -> Mount:
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/") or any(letter < " " or letter == "\x7f" for letter in path):
            raise Fault(Kind.BAD_REQUEST, "That is no path.")
        for mount in self._mounts:
            if mount.takes(path):
                return mount
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")

    def _admit(self, exchange: Exchange) -> None:
        """Sign-in first: who is nobody can hold no thread by sending slowly."""
        environ, mount = exchange.environ, exchange.mount
        principal = self._principal(environ, mount)
        if principal is not None:
            exchange.person, environ[PRINCIPAL] = principal.person.uid, principal
            environ["REMOTE_USER"] = principal.account.id
        if environ["REQUEST_METHOD"] not in _SAFE and environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
            raise Fault(Kind.DENIED, "Another site's page may not change anything here.")
        length = announced(environ)
        is_framed = bool(environ.get("CONTENT_LENGTH")) and "HTTP_TRANSFER_ENCODING" not in environ
        body = exchange.body = Body(environ["wsgi.input"], length, mount.max_body, is_framed=is_framed)
        if length == 0:
            environ["wsgi.input"] = io.BytesIO()
            return
        exchange.held.enter_context(self._senders.admitted(exchange.whose))
        environ["wsgi.input"] = body.input() if mount.streams else _whole(body, environ)

    def _principal(self, environ: Environ, mount: Mount) -> Principal | None:
        header = environ.get("HTTP_AUTHORIZATION", "")
        if mount.entry is Entry.OPEN or (not header and environ["REQUEST_METHOD"] in mount.open_methods):
            return None
        if not header:  # the usual first request of an app: no failure, and no delay
            raise Fault(Kind.LOGIN, "Sign in with name and password.")
        return self._basic.principal(header, mount.service, environ.get("REMOTE_ADDR", ""))


def _whole(body: Body, environ: Environ) -> io.BytesIO:
    """Small bodies are read before the application is called, and have a length afterwards."""
    octets = body.whole()
    environ["CONTENT_LENGTH"] = str(len(octets))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return io.BytesIO(octets)
