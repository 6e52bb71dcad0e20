"""ManageSieve on Twisted: sockets, TLS, timers.  RFC 5804 1.2"""

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import LoopingCall

from odcore import clock
from odcore.identity.api import Principal
from odcore.net.client import ClientConnection
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from odmail.managesieve import commands
from odmail.managesieve.ports import House
from odmail.managesieve.session import Session

MAX_CONNECTIONS = 1_000
MAX_PER_ADDRESS = 50

TICK = 3.0
LOGIN = 60.0  # seconds a client may take to sign in
IDLE = 1_800.0  # RFC 5804 1.2: at least 30 minutes


class ManageSieveConnection(ClientConnection):
    """A session's `ports.Connection`."""

    protocol = "managesieve"
    turned_away = b'BYE (TRYLATER) "Too many connections"\r\n'

    def __init__(self, service: "ManageSieveService") -> None:
        super().__init__(service.admission, service.tls, service.connections, False)
        self._service = service
        self.session: Session | None = None

    def begin(self) -> None:
        """See `ClientConnection`."""
        self.session = Session(self._service.house, self._service.registry, self)
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
            self.session.end("Access has ended")

    def tick(self, now: float) -> None:
        """Hang up on who is silent or deaf."""
        session = self.session
        if self.is_overdue(now) or session is None or session.busy:
            return
        if session.principal is None and now - session.began_at > LOGIN:
            session.end("Sign in sooner")
        elif now - session.heard_at > IDLE:
            session.end("Idle for too long")


class ManageSieveService:
    """All ManageSieve connections of a process."""

    def __init__(self, house: House, reactor: IReactorTime, tls: ServerTls) -> None:
        self.house = house
        self.tls = tls
        self.registry = commands.load()
        self.connections: set[ManageSieveConnection] = set()
        self.admission = Admission(MAX_CONNECTIONS, MAX_PER_ADDRESS)
        self._clock = LoopingCall(self._tick)
        self._clock.clock = reactor

    def factory(self) -> ServerFactory:
        """For a listening socket."""
        return _Factory(self)

    def start(self) -> None:
        """Start the clock."""
        self._clock.start(TICK, now=False)

    def stop(self) -> None:
        """Say BYE to everybody and take nobody in any more."""
        self.admission.close()
        if self._clock.running:
            self._clock.stop()
        for connection in tuple(self.connections):
            if connection.session is not None:
                connection.session.end("Server is shutting down", b"TRYLATER")

    def _tick(self) -> None:
        now = clock.monotonic()
        for connection in tuple(self.connections):
            connection.tick(now)


class _Factory(ServerFactory):
    noisy = False

    def __init__(self, service: ManageSieveService) -> None:
        self._service = service

    def buildProtocol(self, addr: object) -> ManageSieveConnection:
        """One for each connection."""
        return ManageSieveConnection(self._service)
