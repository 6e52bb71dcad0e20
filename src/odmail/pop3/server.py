"""POP3 on Twisted: sockets, TLS and time.  RFC 1939 3, RFC 8314 3.3

One clock serves all connections. Its beat is also how often it is asked whether people still may: they are few, and
stay for seconds.
"""

from collections.abc import Callable

import structlog
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import LoopingCall

from odcore import clock
from odcore.bus.api import Bus, DirectoryChanged
from odcore.errors import Fault
from odcore.later import drive
from odcore.net.client import ClientConnection
from odcore.net.listen import Admission
from odmail.pop3 import verbs
from odmail.pop3.ports import House
from odmail.pop3.session import Session

log = structlog.get_logger()

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

    def ended(self) -> None:
        """See `ClientConnection`."""
        session, self.session = self.session, None
        if session is not None:
            session.lost()

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
        bus: Bus,
        reactor: IReactorTime,
        tls: IOpenSSLServerConnectionCreator | None,
        admission: Admission,
    ) -> None:
        self.house = house
        self.tls = tls
        self.verbs = verbs.load()
        self.connections: set[Pop3Connection] = set()
        self.admission = admission
        self._looking = False
        self._bus = bus
        self._clock = LoopingCall(self._tick)
        self._clock.clock = reactor
        self._unsubscribe: Callable[[], None] = lambda: None

    def factory(self, *, secure: bool) -> ServerFactory:
        """For a listening socket; `secure` when the factory will be wrapped in TLS."""
        return _Factory(self, secure)

    def start(self) -> None:
        """Start the clock, and listen to the directory."""
        self._unsubscribe = self._bus.subscribe(DirectoryChanged, lambda _: self._look())
        self._clock.start(TICK, now=False)

    def stop(self) -> None:
        """Say good-bye to everybody and take nobody in any more."""
        self.admission.close()
        self._unsubscribe()
        if self._clock.running:
            self._clock.stop()
        for connection in tuple(self.connections):
            if connection.session is not None:
                connection.session.end("the server is shutting down", "SYS/TEMP")

    def _tick(self) -> None:
        now = clock.monotonic()
        for connection in tuple(self.connections):
            connection.tick(now)
        self._look()

    def _look(self) -> None:
        """One look at a time: the directory may be slow."""
        sessions = [each.session for each in self.connections if each.session and each.session.principal]
        if sessions and not self._looking:
            drive(self._recheck([session for session in sessions if session is not None]))

    async def _recheck(self, sessions: list[Session]) -> None:
        """End those that may not go on."""
        self._looking = True
        try:
            ended = await self.house.call(self._ended, sessions)
        except Exception:
            log.exception("bug")
            ended = []
        self._looking = False
        for session in ended:
            log.info("access-ended", session=session.id)
            session.end("access has ended", "AUTH")

    def _ended(self, sessions: list[Session]) -> list[Session]:
        """Blocks."""
        return [session for session in sessions if not self._may_go_on(session)]

    def _may_go_on(self, session: Session) -> bool:
        try:
            return session.principal is None or self.house.sign_in.still_valid(session.principal)
        except Fault:  # the directory is away: there will be another look
            return True


class _Factory(ServerFactory):
    noisy = False

    def __init__(self, service: Pop3Service, secure: bool) -> None:
        self._service = service
        self._secure = secure

    def buildProtocol(self, addr: object) -> Pop3Connection:
        """One for each connection."""
        return Pop3Connection(self._service, self._secure)
