"""IMAP on Twisted: sockets, TLS, timers, and the news of the house.  RFC 9051 5.4, 11.1

One clock serves all connections: every few seconds it looks at each of them. An idle connection holds a session, a
suspended coroutine and Twisted's transport, and no buffer and no timer of its own.
"""

import zlib
from collections.abc import Callable, Iterable

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import LoopingCall

from odcore import clock
from odcore.bus.api import Bus, DirectoryChanged, SharingChanged
from odcore.later import drive
from odcore.net.client import ClientConnection
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from odmail.imap import commands
from odmail.imap.deflate import Deflate
from odmail.imap.ports import House
from odmail.imap.session import Session
from odmail.imap.standing import concerns, is_in, recheck, rests_on_others
from odmail.mailbox.changes import AnnotationHint, Hint

TICK = 3.0  # also how often sessions in others' mailboxes are looked at: charges end by the calendar
KEEPALIVE = 110.0  # mobile networks forget a silent connection after two minutes
PER_MINUTE = 300  # new connections from one network address
RECHECK = 300.0  # for all other sessions: should a hint of a change have been lost


class ImapConnection(ClientConnection):
    """A session's `ports.Connection`."""

    protocol = "imap"
    turned_away = b"* BYE [LIMIT] Too many connections\r\n"

    def __init__(self, service: "ImapService", secure: bool) -> None:
        super().__init__(service.admission, service.tls, service.connections, secure)
        self.service = service
        self.session: Session | None = None
        self.spoke_at = self.checked_at = clock.monotonic()
        self._deflate: Deflate | None = None

    def begin(self) -> None:
        """See `ClientConnection`."""
        self.session = Session(self.service.house, self.service.registry, self)
        self.session.start()

    def heard(self, data: bytes) -> None:
        """See `ClientConnection`."""
        if self._deflate is not None:
            self._inflate(lambda deflate: deflate.received(data))
        elif self.session is not None:
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

    # What the session calls.

    def write(self, data: bytes) -> None:
        """See `ports.Connection`."""
        self.transport.write(data if self._deflate is None else self._deflate.pack(data))

    def pause(self) -> None:
        """See `ports.Connection`."""
        super().pause()
        if self._deflate is not None:
            self._deflate.hold()

    def resume(self) -> None:
        """See `ports.Connection`."""
        super().resume()
        if self._deflate is not None:
            self._inflate(Deflate.go)

    @property
    def compressed(self) -> bool:
        """See `ports.Connection`."""
        return self._deflate is not None

    def compress(self) -> None:
        """See `ports.Connection`."""
        if self.session is not None:
            self._deflate = Deflate(self.session.received)

    def _inflate(self, work: Callable[[Deflate], None]) -> None:
        """Who sends something else than deflate is told good-bye."""
        if self._deflate is None or self.session is None:
            return
        try:
            work(self._deflate)
        except zlib.error:
            self.session.end("That was not compressed")

    def close(self) -> None:
        """See `ports.Connection`."""
        if self._deflate is not None:
            self._deflate.hold()
        super().close()

    # What the clock and the bus call.

    def tick(self, now: float) -> None:
        """Hang up on who is silent or deaf, and keep phones awake."""
        session = self.session
        if self.is_overdue(now) or session is None:
            return
        settings = self.service.house.settings
        if session.principal is None:
            if now - session.began_at > settings.login_timeout:
                session.end("Sign in sooner", b"UNAVAILABLE")
            return
        session.tell_progress(now)
        if not session.busy and now - session.heard_at > settings.idle_timeout:
            session.end("Idle for too long", b"UNAVAILABLE")
        elif session.idling and now - max(self.spoke_at, session.heard_at) > KEEPALIVE:
            self.spoke_at = now
            session.write(b"* OK Still here\r\n")

    def is_due(self, now: float) -> bool:
        """Is it time to ask whether the person still may?"""
        if self.session is None or (now - self.checked_at <= RECHECK and not rests_on_others(self.session)):
            return False
        self.checked_at = now
        return True


class ImapService:
    """All IMAP connections of a process. `tls` serves STARTTLS; implicit TLS wraps `factory(secure=True)`."""

    def __init__(self, house: House, bus: Bus, reactor: IReactorTime, tls: ServerTls | None) -> None:
        self.house = house
        self.tls = tls
        self.registry = commands.load()
        self.connections: set[ImapConnection] = set()
        self.admission = Admission(house.settings.max_connections, house.settings.max_per_address, PER_MINUTE)
        self._looking = False
        self._bus = bus
        self._clock = LoopingCall(self._tick)
        self._clock.clock = reactor
        self._unsubscribe: list[Callable[[], None]] = []

    def factory(self, *, secure: bool) -> ServerFactory:
        """For a listening socket; `secure` when the factory will be wrapped in TLS."""
        return _Factory(self, secure)

    def start(self) -> None:
        """Listen to the house and start the clock."""
        self._unsubscribe = [
            self._bus.subscribe(Hint, self.house.watch.tell),
            self._bus.subscribe(AnnotationHint, self.house.watch.tell),
            self._bus.subscribe(DirectoryChanged, self._directory_changed),
            self._bus.subscribe(SharingChanged, self._sharing_changed),
        ]
        self._clock.start(TICK, now=False)

    def stop(self) -> None:
        """Say BYE to everybody and take nobody in any more."""
        self.admission.close()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if self._clock.running:
            self._clock.stop()
        for connection in tuple(self.connections):
            if connection.session is not None:
                connection.session.end("Server is shutting down", b"UNAVAILABLE")

    def _tick(self) -> None:
        now = clock.monotonic()
        for connection in tuple(self.connections):
            connection.tick(now)
        if not self._looking:
            drive(self._look([each for each in self.connections if each.is_due(now)]))

    async def _look(self, due: Iterable[ImapConnection]) -> None:
        """All in one piece of work, and the next one after it: the directory may be slow."""
        self._looking = True
        await recheck((each.session for each in due if each.session is not None), self.house.call)
        self._looking = False

    def _directory_changed(self, changed: DirectoryChanged) -> None:
        ids = frozenset(changed.ids)
        sessions = [each.session for each in self.connections if each.session is not None]
        for session in sessions:
            session.regrouped()
        drive(recheck([session for session in sessions if concerns(session, ids)], self.house.call))

    def _sharing_changed(self, changed: SharingChanged) -> None:
        sessions = [each.session for each in self.connections if each.session is not None]
        for session in sessions:
            session.regrouped()
        drive(recheck([session for session in sessions if is_in(session, changed.owner)], self.house.call))


class _Factory(ServerFactory):
    noisy = False

    def __init__(self, service: ImapService, secure: bool) -> None:
        self._service = service
        self._secure = secure

    def buildProtocol(self, addr: object) -> ImapConnection:
        """One for each connection."""
        return ImapConnection(self._service, self._secure)
