"""IMAP on Twisted: sockets, TLS, timers, and the news of the house.  RFC 9051 5.4, 11.1

One clock serves all connections: every few seconds it looks at each of them. An idle connection holds a session, a
suspended coroutine and Twisted's transport, and no buffer and no timer of its own.
"""

import zlib
from collections.abc import Callable, Iterable

from twisted.internet.interfaces import IReactorTime

from odcore import clock
from odcore.bus.api import Bus, DirectoryChanged, SharingChanged
from odcore.later import drive
from odcore.net.client import ClientConnection
from odcore.net.clients import Clients
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from odmail.imap import commands
from odmail.imap.deflate import Deflate
from odmail.imap.ports import House
from odmail.imap.session import Session
from odmail.imap.standing import concerns, is_in, recheck, rests_on_others
from odmail.mailbox.changes import AnnotationHint, Hint

KEEPALIVE = 110.0  # mobile networks forget a silent connection after two minutes
PER_MINUTE = 300  # new connections from one network address
RECHECK = 300.0  # for all other sessions: should a hint of a change have been lost


class ImapConnection(ClientConnection[Session]):
    """A session's `ports.Connection`."""

    protocol = "imap"
    turned_away = b"* BYE [LIMIT] Too many connections\r\n"

    def __init__(self, service: "ImapService", secure: bool) -> None:
        super().__init__(service.admission, service.tls, service.connections, secure)
        self.service = service
        self.spoke_at = self.checked_at = clock.monotonic()
        self._deflate: Deflate | None = None

    def open(self) -> Session:
        """See `ClientConnection`."""
        return Session(self.service.house, self.service.registry, self)

    def heard(self, data: bytes) -> None:
        """See `ClientConnection`."""
        if self._deflate is not None:
            self._inflate(lambda deflate: deflate.received(data))
        else:
            super().heard(data)

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

    def look(self, session: Session, now: float) -> None:
        """See `ClientConnection`. Phones are kept awake."""
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

    def dismiss(self) -> None:
        """See `ClientConnection`."""
        if self.session is not None:
            self.session.end("Server is shutting down", b"UNAVAILABLE")


class ImapService(Clients[ImapConnection]):
    """All IMAP connections of a process."""

    def __init__(self, house: House, bus: Bus, reactor: IReactorTime, tls: ServerTls | None) -> None:
        limits = house.settings
        super().__init__(reactor, tls, Admission(limits.max_connections, limits.max_per_address, PER_MINUTE))
        self.house = house
        self.registry = commands.load()
        self._looking = False
        self._bus = bus
        self._unsubscribe: list[Callable[[], None]] = []

    def connection(self, secure: bool) -> ImapConnection:
        """See `Clients`."""
        return ImapConnection(self, secure)

    def start(self) -> None:
        """Listen to the house and start the clock."""
        self._unsubscribe = [
            self._bus.subscribe(Hint, self.house.watch.tell),
            self._bus.subscribe(AnnotationHint, self.house.watch.tell),
            self._bus.subscribe(DirectoryChanged, self._directory_changed),
            self._bus.subscribe(SharingChanged, self._sharing_changed),
        ]
        super().start()

    def stop(self) -> None:
        """See `Clients`."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        super().stop()

    def _tick(self) -> None:
        super()._tick()
        if not self._looking:
            now = clock.monotonic()
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
