"""The line to the LDAP server: a bounded pool of connections, every failure told as a Fault.  RFC 4511

Whatever goes wrong on the way (no route, TLS, time-outs, a server that is busy, read-only or full of referrals)
is TRY_LATER. After a failed connect the line answers so at once for a second, lest every thread wait its turn.
"""

import hmac
import re
import select
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any, NoReturn

import ldap3
import structlog
from ldap3.core.exceptions import LDAPException
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]

from odcore import clock, haste
from odcore.directory.filters import EVERYTHING, Filter, dn_key
from odcore.directory.record import Record
from odcore.directory.settings import DirectorySettings
from odcore.directory.slapd import socket_url
from odcore.errors import Fault, Kind

log = structlog.get_logger()

Values = Mapping[str, Sequence[str | bytes]]

_CONNECT, _OPERATION, _CHECKOUT = 3, 5, 5
"""Seconds to wait for a connection, for an answer, for a free place in the pool."""

_IDLE = 120.0
"""Seconds after which a connection is given up; servers do so at 300 or thereabouts."""

_REST = 1.0
"""Seconds of answering TRY_LATER at once after a failed connect."""

_PAGE = 500
_PAGED = "1.2.840.113556.1.4.319"  # RFC 2696
_RELAX = ("1.3.6.1.4.1.4203.666.5.12", True, None)
"""OpenLDAP's relax rules control: lets an import keep each entry's entryUUID."""

_NO_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Controls, and what makes text run against its direction; joiners are letters of Odia and Hindi to us."""

_LOST = (LDAPException, OSError, PyAsn1Error, ValueError, IndexError, KeyError)
"""What the library raises when the line breaks or the server sends what is not LDAP."""

_NOT_THE_PASSWORD = frozenset((19, 32, 34, 48, 49, 50, 53))
"""constraintViolation, noSuchObject, invalidDNSyntax, inappropriateAuthentication, invalidCredentials, ..."""

_NO_SUCH_VALUE = 16  # RFC 4511 4.1.9

_FAULTS = {
    17: (Kind.BAD_REQUEST, "The directory does not know an attribute; is odmail.schema loaded?"),
    19: (Kind.BAD_REQUEST, "The directory refuses a value."),
    20: (Kind.EXISTS, "The entry has that value already."),
    21: (Kind.BAD_REQUEST, "The directory refuses the form of a value."),
    32: (Kind.NOT_FOUND, "There is no such entry."),
    34: (Kind.BAD_REQUEST, "That is not a distinguished name."),
    50: (Kind.DENIED, "The directory does not let the service account do that."),
    64: (Kind.BAD_REQUEST, "That cannot be an entry's name."),
    65: (Kind.BAD_REQUEST, "The entry would not be complete by the schema."),
    66: (Kind.IN_USE, "There are entries below this one."),
    68: (Kind.EXISTS, "There is such an entry already."),
}


class _Line:
    """One connection and when it was last used."""

    __slots__ = ("connection", "used")

    def __init__(self, connection: ldap3.Connection) -> None:
        self.connection = connection
        self.used = clock.monotonic()

    def is_open(self) -> bool:
        """Between requests nothing is to be read: anything else is the server's good-bye."""
        if clock.monotonic() - self.used > _IDLE or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.socket, select.POLLIN | select.POLLHUP)
        return not poll.poll(0)

    def close(self) -> None:
        with suppress(LDAPException, OSError):
            self.connection.unbind()


class Link:
    """Talks to the directory as the service account, and checks passwords by binding. Blocks; for threads."""

    def __init__(self, settings: DirectorySettings, folder: Path) -> None:
        """`folder` is where a private slapd lives: its socket and password file are the defaults."""
        self.base = settings.base
        self.user = settings.user or f"cn=odmail,ou=services,{settings.base}"
        self.nobody = f"cn=nobody,ou=services,{settings.base}"
        self._starttls = settings.starttls
        self._ca = settings.ca or None
        self._urls = settings.url.split() or [socket_url(folder)]
        self._password_file = Path(settings.password_file or folder / "service.password")
        self._places = BoundedSemaphore(settings.connections)
        self._lock = Lock()
        self._bound: list[_Line] = []  # as the service account
        self._loose: list[_Line] = []  # for checking passwords
        self._rest_until = 0.0

    def search(
        self, base: str, query: Filter, attributes: Sequence[str], below: str = "SUBTREE", most: int = 0
    ) -> list[Record]:
        """All that match, or about `most`; `below` is SUBTREE, LEVEL or BASE. None where there is no base."""
        return [each for page in self.pages(base, query, attributes, below, most) for each in page]

    def pages(
        self, base: str, query: Filter, attributes: Sequence[str], below: str = "SUBTREE", most: int = 0
    ) -> Iterator[list[Record]]:
        """The same, some at a time: hundreds of thousands would not fit into memory."""
        size = min(most, _PAGE) or _PAGE
        found = 0
        cookie: bytes | None = None
        with self._checkout(self._bound) as connection:
            while True:
                connection.search(
                    base, query, below, attributes=attributes, paged_size=size, paged_cookie=cookie, time_limit=4
                )
                if connection.result["result"] == 32:
                    return
                _check(connection)
                page = [
                    Record(each["dn"], {name.lower(): values for name, values in each["raw_attributes"].items()})
                    for each in connection.response
                    if each["type"] == "searchResEntry"
                ]
                yield page
                found += len(page)
                cookie = connection.result.get("controls", {}).get(_PAGED, {}).get("value", {}).get("cookie")
                if not cookie or 0 < most <= found:
                    return

    def read(self, dn: str, attributes: Sequence[str]) -> Record | None:
        """One entry by name."""
        found = self.search(dn, EVERYTHING, attributes, "BASE")
        return found[0] if found else None

    def add(self, dn: str, classes: Sequence[str], values: Values, relax: bool = False) -> None:
        """Make an entry. `relax` lets `values` hold the entryUUID. Fault BAD_REQUEST for what is no line of text."""
        _require_lines(values)
        filled = {name: list(items) for name, items in values.items() if items}
        with self._checkout(self._bound) as connection:
            connection.add(dn, list(classes), filled, controls=[_RELAX] if relax else None)
            _check(connection)

    def modify(self, dn: str, values: Values) -> None:
        """Replace the values of these attributes; none removes the attribute. Fault BAD_REQUEST for what is no line."""
        _require_lines(values)
        changes = {name: [(ldap3.MODIFY_REPLACE, list(items))] for name, items in values.items()}
        with self._checkout(self._bound) as connection:
            connection.modify(dn, changes)
            _check(connection)

    def withdraw(self, dn: str, attribute: str, value: str) -> None:
        """Take out one value, whoever changes the others meanwhile; it may be gone already."""
        with self._checkout(self._bound) as connection:
            connection.modify(dn, {attribute: [(ldap3.MODIFY_DELETE, [value])]})
            if connection.result["result"] != _NO_SUCH_VALUE:
                _check(connection)

    def delete(self, dn: str) -> None:
        """Remove an entry that has none below it."""
        with self._checkout(self._bound) as connection:
            connection.delete(dn)
            _check(connection)

    def verify(self, dn: str, password: bytes) -> bool:
        """Is this the entry's password? A bind, then the question who that made us.  RFC 4513 5.1.2, RFC 4532"""
        if not dn or not password:
            return False  # the server would take either for an anonymous bind and say yes
        if not _is_text(password):
            return False  # RFC 4513 5.1.3: passwords are UTF-8
        with self._checkout(self._loose) as connection:
            connection.user, connection.password, connection.authentication = dn, password, ldap3.SIMPLE
            try:
                connection.bind(read_server_info=False)
            finally:
                connection.password = connection.request = None  # the library keeps the request, password and all
            if connection.result["result"] in _NOT_THE_PASSWORD:
                return False
            _check(connection)
            return _is_bound_as(connection, dn)

    def derive(self, purpose: bytes) -> bytes:
        """A key that every node of the suite can make and nobody else: all of them know the service's password."""
        return hmac.digest(self._service_password(), purpose, "sha256")

    def close(self) -> None:
        """Let go of the idle connections."""
        with self._lock:
            lines = self._bound + self._loose
            self._bound.clear()
            self._loose.clear()
        for line in lines:
            line.close()

    @contextmanager
    def _checkout(self, idle: list[_Line]) -> Iterator[ldap3.Connection]:
        """A connection of its own for the block; one that failed on the way is not used again."""
        haste.wait()
        if not self._places.acquire(timeout=_CHECKOUT):
            raise Fault(Kind.TRY_LATER, "The directory is busy, try again later.")
        try:
            line = self._take(idle)
            try:
                yield line.connection
            except _LOST as error:
                line.close()
                _lost(error)
            except BaseException as error:
                if isinstance(error, Fault) and error.kind is not Kind.TRY_LATER:
                    self._give_back(idle, line)
                else:
                    line.close()
                raise
            else:
                self._give_back(idle, line)
        finally:
            self._places.release()

    def _take(self, idle: list[_Line]) -> _Line:
        while True:
            with self._lock:
                line = idle.pop() if idle else None
            if line is None:
                return _Line(self._connect(bind=idle is self._bound))
            if line.is_open():
                return line
            line.close()

    def _give_back(self, idle: list[_Line], line: _Line) -> None:
        line.used = clock.monotonic()
        with self._lock:
            idle.append(line)

    def _connect(self, bind: bool) -> ldap3.Connection:
        """The first server that answers."""
        if clock.monotonic() < self._rest_until:
            raise Fault(Kind.TRY_LATER, "The directory cannot be reached, try again later.")
        for url in self._urls:
            try:
                return self._open(url, bind)
            except _LOST as error:
                log.warning("directory_unreachable", url=url, error=type(error).__name__, detail=str(error)[:200])
        self._rest_until = clock.monotonic() + _REST
        raise Fault(Kind.TRY_LATER, "The directory cannot be reached, try again later.")

    def _open(self, url: str, bind: bool) -> ldap3.Connection:
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self._ca)
        server = ldap3.Server(url, get_info=ldap3.NONE, connect_timeout=_CONNECT, tls=tls)
        password = self._service_password() if bind else None
        connection = ldap3.Connection(
            server,
            user=self.user if bind else None,
            password=password,
            authentication=ldap3.SIMPLE if bind else ldap3.ANONYMOUS,
            receive_timeout=_OPERATION,
            auto_referrals=False,
            check_names=False,
            auto_escape=False,
            auto_encode=False,
        )
        try:
            connection.open(read_server_info=False)
            if self._starttls and url.lower().startswith("ldap://"):
                connection.start_tls(read_server_info=False)
            if bind:
                self._bind(connection)
        except BaseException:
            _Line(connection).close()
            raise
        return connection

    def _service_password(self) -> bytes:
        return self._password_file.read_text("utf-8").strip().encode()

    def _bind(self, connection: ldap3.Connection) -> None:
        connection.bind(read_server_info=False)
        if connection.result["result"] != 0 or not _is_bound_as(connection, self.user):
            log.error("directory_refuses_service_account", user=self.user, result=connection.result["description"])
            raise Fault(Kind.TRY_LATER, "The directory does not let us in, try again later.")


def _require_lines(values: Values) -> None:
    """Names and titles come into mail headers, cards and lists: nothing in them ends a line or turns one around."""
    for name, items in values.items():
        if any(_NO_LINE.search(item) for item in items if isinstance(item, str)):
            raise Fault(Kind.BAD_REQUEST, f"A value of {name} has control characters.")


def _is_text(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_bound_as(connection: ldap3.Connection, dn: str) -> bool:
    identity = connection.extend.standard.who_am_i() or ""
    return identity.startswith("dn:") and dn_key(identity[3:]) == dn_key(dn)


def _check(connection: ldap3.Connection) -> None:
    result: dict[str, Any] = connection.result
    code = result["result"]
    if code == 0:
        return
    kind, text = _FAULTS.get(code, (Kind.TRY_LATER, "The directory cannot do that now, try again later."))
    if kind in (Kind.TRY_LATER, Kind.BAD_REQUEST):
        detail = str(result["message"])[:200]
        log.warning("directory_refused", code=code, description=result["description"], detail=detail)
    raise Fault(kind, text)


def _lost(error: BaseException) -> NoReturn:
    log.warning("directory_lost", error=type(error).__name__)
    raise Fault(Kind.TRY_LATER, "The directory does not answer, try again later.") from None  # it may quote a password
