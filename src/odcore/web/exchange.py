"""One request on its way through the gateway, and its answer: headers for all, faults, the line in the access log."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.web.basic import CHALLENGE
from odcore.web.body import Body
from odcore.web.faults import RETRY_AFTER, STATUS
from odcore.web.mount import REQUEST_ID, Entry, Environ, Mount, StartResponse

log = structlog.get_logger()

Headers = list[tuple[str, str]]
Observe = Callable[[str, str, str, float], None]
"""Told of each answer: service, method, three digits of the status, seconds."""

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Strict-Transport-Security", "max-age=31536000"),  # RFC 6797
)


class Exchange:
    """One request and its answer."""

    def __init__(self, environ: Environ, observe: Observe) -> None:
        self.environ = environ
        self.person = ""
        self.body: Body | None = None
        self.held = ExitStack()  # until the answer is out
        self.mount = _NOWHERE
        self.id = environ[REQUEST_ID] = ids.readable(10)
        self.path = environ.get("PATH_INFO", "")
        self._begun = clock.monotonic()
        self._observe = observe
        self._status = ""
        self._headers: Headers = []
        self._answer: Iterable[bytes] = ()

    def enter(self, mount: Mount) -> None:
        """This application will answer; it sees the path from its own prefix on."""
        self.mount = mount
        environ = self.environ
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + mount.prefix
        environ["PATH_INFO"] = self.path[len(mount.prefix) :]

    def call(self) -> None:
        """Up to the answer's status and first octets: some applications decide both late."""
        answer = self.mount.app(self.environ, self._start)
        self._answer = answer if isinstance(answer, list) else _begun(answer)
        if self.body is not None and self.body.fault is not None:  # the application made something else of it
            self._close()
            raise self.body.fault

    @property
    def is_long(self) -> bool:
        """Is there an answer that leaves part by part, as it is read?"""
        return not isinstance(self._answer, list)

    @property
    def whose(self) -> str:
        """Of those who are not signed in, the address is known."""
        return self.person or str(self.environ.get("REMOTE_ADDR", ""))

    def refuse(self, fault: Fault) -> None:
        """Answer with a fault."""
        self._close()
        kind = fault.kind
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        if kind is Kind.LOGIN and self.mount.entry is Entry.SIGNED_IN:
            headers.append(("WWW-Authenticate", CHALLENGE))
        if kind in RETRY_AFTER:
            headers.append(("Retry-After", RETRY_AFTER[kind]))
        self._start(STATUS[kind], headers)
        self._answer = [f"{fault.text}\n".encode()]

    def answer(self, start_response: StartResponse) -> Iterable[bytes]:
        """Hand all over to the server."""
        given = {name.lower() for name, _ in self._headers}
        more = [(name, value) for name, value in _ALWAYS if name.lower() not in given]
        start_response(self._status, [*self._headers, *more, ("X-Request-Id", self.id)])
        if not isinstance(self._answer, list):
            return _Counted(self._answer, self._over)
        self._over(sum(map(len, self._answer)))
        return self._answer

    def _start(self, status: str, headers: Headers, _exc_info: object = None) -> Callable[[bytes], object]:
        self._status, self._headers = status, list(headers)
        return _no_write

    def _over(self, octets: int) -> None:
        """The answer is out, or its reader is gone."""
        self._close()
        seconds = clock.monotonic() - self._begun
        self._observe(self.mount.service, self.environ["REQUEST_METHOD"], self._status[:3], seconds)
        log.info(
            "http",
            request=self.id,
            method=self.environ["REQUEST_METHOD"],
            path=self.path,
            status=self._status[:3],
            person=self.person,
            address=self.environ.get("REMOTE_ADDR", ""),
            octets_in=self.body.count if self.body is not None else 0,
            octets_out=octets,
            ms=round(seconds * 1000),
        )

    def _close(self) -> None:
        self.held.close()
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()


class _Counted:
    """A long answer on its way."""

    def __init__(self, answer: Iterable[bytes], over: Callable[[int], None]) -> None:
        self._answer = iter(answer)
        self._over = over
        self._octets = 0
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = next(self._answer)
        self._octets += len(part)
        return part

    def close(self) -> None:
        """By the server, at the end whatever it is."""
        if not self._closed:
            self._closed = True
            self._over(self._octets)


_AHEAD = 2
"""Parts: enough to see that there is only one."""


def _begun(answer: Iterable[bytes]) -> Iterable[bytes]:
    """Whole where it is short: then it leaves in one piece, with no wait for an acknowledgement in its middle."""
    begun = _Begun(answer)
    if len(begun.first) == _AHEAD:
        return begun
    begun.close()
    return begun.first


class _Begun:
    """An answer whose first parts were made already, so that the status is known."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._whole = answer
        self._rest = iter(answer)
        self.first = list(islice(self._rest, _AHEAD))

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self.first.pop(0) if self.first else next(self._rest)

    def close(self) -> None:
        close = getattr(self._whole, "close", None)
        if close is not None:
            close()


def _no_write(_octets: bytes) -> object:
    raise RuntimeError("applications of ours return what they have to say")


def _nothing(_environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
    raise Fault(Kind.NOT_FOUND, "There is nothing here.")


_NOWHERE = Mount("", _nothing, "none")
