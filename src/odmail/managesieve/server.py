"""ManageSieve on Twisted: sockets, TLS, timers.  RFC 5804 1.2"""

from twisted.internet.interfaces import IReactorTime

from odcore.net.client import ClientConnection
from odcore.net.clients import Clients
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from odmail.managesieve import commands
from odmail.managesieve.ports import House
from odmail.managesieve.session import Session

MAX_CONNECTIONS = 1_000
MAX_PER_ADDRESS = 50

LOGIN = 60.0  # seconds a client may take to sign in
IDLE = 1_800.0  # RFC 5804 1.2: at least 30 minutes


class ManageSieveConnection(ClientConnection[Session]):
    """A session's `ports.Connection`."""

    protocol = "managesieve"
    turned_away = b'BYE (TRYLATER) "Too many connections"\r\n'

    def __init__(self, service: "ManageSieveService", secure: bool) -> None:
        super().__init__(service.admission, service.tls, service.connections, secure)
        self._service = service

    def open(self) -> Session:
        """See `ClientConnection`."""
        return Session(self._service.house, self._service.registry, self)

    def look(self, session: Session, now: float) -> None:
        """See `ClientConnection`."""
        if session.busy:
            return
        if session.principal is None and now - session.began_at > LOGIN:
            session.end("Sign in sooner")
        elif now - session.heard_at > IDLE:
            session.end("Idle for too long")

    def show_out(self) -> None:
        """See `odcore.net.standing.Guest`."""
        if self.session is not None:
            self.session.end("Access has ended")

    def dismiss(self) -> None:
        """See `ClientConnection`."""
        if self.session is not None:
            self.session.end("Server is shutting down", b"TRYLATER")


class ManageSieveService(Clients[ManageSieveConnection]):
    """All ManageSieve connections of a process."""

    def __init__(self, house: House, reactor: IReactorTime, tls: ServerTls) -> None:
        super().__init__(reactor, tls, Admission(MAX_CONNECTIONS, MAX_PER_ADDRESS))
        self.house = house
        self.registry = commands.load()

    def connection(self, secure: bool) -> ManageSieveConnection:
        """See `Clients`."""
        return ManageSieveConnection(self, secure)
