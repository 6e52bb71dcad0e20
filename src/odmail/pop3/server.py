"""POP3 on Twisted: sockets, TLS and time.  RFC 1939 3, RFC 8314 3.3

One clock serves all connections.
"""

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import LoopingCall

from odcore import clock
from odcore.identity.api import Principal
from odcore.net.client import ClientConnection
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from odmail.pop3 import verbs
from odmail.pop3.ports import House
from odmail.pop3.session import Session

TICK = 3.0
AUTOLOGOUT = 600.0  # RFC 1939 3: at least ten minutes
LOGIN = 60.0  # seconds a client may take to sign in


class Pop3Connection(ClientConnection):
    """A session's `ports.Connection`."""

    protocol = "pop3"
    turned_away = b"-ERR [SYS/TEMP] too many connections\r\n"

    def __init__(self, service: "Pop3Service", secure: bool) -> None:
        super().__init__(service.admission, service.tls, service.connections, secure)
        self.service = service
        self.session: Session | None = None

    def begin(self) -> None:
        """See `ClientConnection`."""
        self.transport.setTcpKeepAlive(True)  # a maildrop is not held for a phone that is gone
        self.session = Session(self.service.house, self.service.verbs, self)
        self.session.start()

    def heard(self, data: bytes) -> None:
        """See `ClientConnection`."""
        if self.session is not None:
            self.session.received(data)

    def finished(self) -> None:
        """See `ClientConnection`."""
        if self.session is not None:
            self.session.finished()

    def ended(self) -> None:
        """See `ClientConnection`."""
        session, self.session = self.session, None
        if session is not None:
            session.lost()

    @property
    def principal(self) -> Principal | None:
        """See `odcore.net.standing.Guest`."""
        return self.session.principal if self.session is not None else None

    def show_out(self) -> None:
        """See `odcore.net.standing.Guest`."""
        if self.session is not None:
            self.session.end("access has ended", "AUTH")

    def tick(self, now: float) -> None:
        """Hang up on who is silent or deaf. Nothing is deleted then.  RFC 1939 3"""
        session = self.session
        if self.is_overdue(now) or session is None or session.busy:
            return
        since, patience = (session.heard_at, AUTOLOGOUT) if session.principal else (session.began_at, LOGIN)
        if now - since > patience:
            session.end("silent for too long", "SYS/TEMP")


class Pop3Service:
    """All POP3 connections of a process. `tls` serves STLS; implicit TLS wraps `factory(secure=True)`."""

    def __init__(
        self,
        house: House,
        reactor: IReactorTime,
        tls: ServerTls | None,
        admission: Admission,
    ) -> None:
        self.house = house
        self.tls = tls
        self.verbs = verbs.load()
        self.connections: set[Pop3Connection] = set()
        self.admission = admission
        self._clock = LoopingCall(self._tick)
        self._clock.clock = reactor

    def factory(self, *, secure: bool) -> ServerFactory:
        """For a listening socket; `secure` when the factory will be wrapped in TLS."""
        return _Factory(self, secure)

    def start(self) -> None:
        """Start the clock."""
        self._clock.start(TICK, now=False)

    def stop(self) -> None:
        """Say good-bye to everybody and take nobody in any more."""
        self.admission.close()
        if self._clock.running:
            self._clock.stop()
        for connection in tuple(self.connections):
            if connection.session is not None:
                connection.session.end("the server is shutting down", "SYS/TEMP")

    def _tick(self) -> None:
        now = clock.monotonic()
        for connection in tuple(self.connections):
            connection.tick(now)


class _Factory(ServerFactory):
    noisy = False

    def __init__(self, service: Pop3Service, secure: bool) -> None:
        self._service = service
        self._secure = secure

    def buildProtocol(self, addr: object) -> Pop3Connection:
        """One for each connection."""
        return Pop3Connection(self._service, self._secure)
