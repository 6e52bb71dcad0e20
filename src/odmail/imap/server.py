"""IMAP on Twisted: sockets, TLS, timers, and the news of the house.  RFC 9051 5.4, 11.1

One clock serves all connections: every few seconds it looks at each of them. An idle connection holds a session, a
suspended coroutine and Twisted's transport, and no buffer and no timer of its own.
"""

import zlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ParamSpec, TypeVar

import structlog
from twisted.internet.interfaces import (
    IHandshakeListener,
    IOpenSSLServerConnectionCreator,
    IPushProducer,
    IReactorTime,
    ISSLTransport,
)
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from zope.interface import implementer

from odcore import clock, metrics
from odcore.bus.api import Bus, DirectoryChanged
from odcore.net.hop import Hop
from odcore.net.listen import Admission
from odcore.net.tls import channel_of
from odcore.sasl.api import Channel
from odmail.imap import commands
from odmail.imap.deflate import Deflate
from odmail.imap.later import Later, drive
from odmail.imap.ports import House
from odmail.imap.session import Session
from odmail.imap.standing import concerns, recheck, rests_on_post
from odmail.imap.types import Disconnected
from odmail.mailbox.changes import Hint

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

TICK = 3.0  # also how often sessions in posts' mailboxes are looked at: charges end by the calendar
KEEPALIVE = 110.0  # mobile networks forget a silent connection after two minutes
RECHECK = 300.0  # for all other sessions: should a hint of a change have been lost
GOODBYE = 10.0  # seconds a client may take to read our last words and close
STALL = 300.0  # seconds a client may leave what we send unread


def caller(hop: Hop) -> Callable[..., Awaitable[Any]]:
    """The `Call` port over a Hop."""

    def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Later[T]:
        later: Later[T] = Later()

        def failed(failure: Failure) -> None:
            later.fail(failure.value or RuntimeError("a failure without a cause"))

        hop.call(function, *args, **kwargs).addCallbacks(later.set, failed)
        return later

    return call


@implementer(IHandshakeListener, IPushProducer)
class ImapConnection(Protocol):
    """Moves octets between a socket and a session; is the session's `ports.Connection`."""

    def __init__(self, service: "ImapService", secure: bool) -> None:
        self.transport: Any = None  # Twisted sets it, and its interfaces do not say all that a TCP server can
        self.service = service
        self.secure = secure
        self.address = ""
        self.session: Session | None = None
        self.spoke_at = self.checked_at = clock.monotonic()
        self._full_since = 0.0
        self._closing_since = 0.0
        self._room: Later[None] | None = None
        self._admitted = False
        self._deflate: Deflate | None = None

    # What Twisted calls.

    def connectionMade(self) -> None:
        """Greet, unless there are too many already."""
        self.address = str(getattr(self.transport.getPeer(), "host", ""))
        self._admitted = self.service.admission.admit(self.address)
        if not self._admitted or self.service.stopping:
            self.service.connections.add(self)  # for the clock: TLS may wait for ever to say good-bye
            self._closing_since = clock.monotonic()
            self.transport.write(b"* BYE [LIMIT] Too many connections\r\n")
            self.transport.loseConnection()
            return
        self.transport.registerProducer(self, True)
        self.transport.setTcpNoDelay(True)
        self.session = Session(self.service.house, self.service.registry, self)
        self.service.connections.add(self)
        metrics.connections.labels("imap").inc()
        if not ISSLTransport.providedBy(self.transport):
            self.session.start()

    def handshakeCompleted(self) -> None:
        """TLS from the first octet: what the greeting offers depends on it. After STARTTLS nobody greets again."""
        if self.session is not None and not self.session.started:
            self.session.start()

    def dataReceived(self, data: bytes) -> None:
        """Octets of the client."""
        if self._deflate is not None:
            self._inflate(lambda deflate: deflate.received(data))
        elif self.session is not None:
            self.session.received(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The socket is gone."""
        if self._admitted:
            self.service.admission.leave(self.address)
        self.service.connections.discard(self)
        if self.session is not None:
            metrics.connections.labels("imap").dec()
            self.session.lost()
            self.session = None
        room, self._room = self._room, None
        if room is not None:
            room.fail(Disconnected())

    def pauseProducing(self) -> None:
        """The socket takes no more."""
        self._full_since = clock.monotonic()

    def resumeProducing(self) -> None:
        """It does again."""
        self._full_since = 0.0
        room, self._room = self._room, None
        if room is not None:
            room.set(None)

    def stopProducing(self) -> None:
        """The socket is gone; `connectionLost` follows."""

    # What the session calls.

    @property
    def channel(self) -> Channel:
        """See `ports.Connection`."""
        return channel_of(self.transport)

    def write(self, data: bytes) -> None:
        """See `ports.Connection`."""
        self.transport.write(data if self._deflate is None else self._deflate.pack(data))

    def drained(self) -> Later[None] | None:
        """See `ports.Connection`."""
        if not self._full_since:
            return None
        if self._room is None:
            self._room = Later()
        return self._room

    def pause(self) -> None:
        """See `ports.Connection`."""
        self.transport.pauseProducing()
        if self._deflate is not None:
            self._deflate.hold()

    def resume(self) -> None:
        """See `ports.Connection`."""
        self.transport.resumeProducing()
        if self._deflate is not None:
            self._inflate(Deflate.go)

    def start_tls(self) -> None:
        """See `ports.Connection`."""
        if self.service.tls is None:
            raise RuntimeError("no certificate")
        self.transport.startTLS(self.service.tls)
        self.secure = True

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
        self._closing_since = self._closing_since or clock.monotonic()
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    # What the clock and the bus call.

    def tick(self, now: float) -> None:
        """Hang up on who is silent or deaf, and keep phones awake."""
        if self._closing_since or self._full_since:
            if now - (self._closing_since or now) > GOODBYE or now - (self._full_since or now) > STALL:
                self.transport.abortConnection()
            return
        session = self.session
        if session is None:
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
        if self.session is None or (now - self.checked_at <= RECHECK and not rests_on_post(self.session)):
            return False
        self.checked_at = now
        return True


class ImapService:
    """All IMAP connections of a process. `tls` serves STARTTLS; implicit TLS wraps `factory(secure=True)`."""

    def __init__(
        self, house: House, bus: Bus, reactor: IReactorTime, tls: IOpenSSLServerConnectionCreator | None
    ) -> None:
        self.house = house
        self.tls = tls
        self.registry = commands.load()
        self.connections: set[ImapConnection] = set()
        self.admission = Admission(house.settings.max_connections, house.settings.max_per_address)
        self.stopping = False
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
            self._bus.subscribe(DirectoryChanged, self._directory_changed),
        ]
        self._clock.start(TICK, now=False)

    def stop(self) -> None:
        """Say BYE to everybody and take nobody in any more."""
        self.stopping = True
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
        drive(recheck([session for session in sessions if concerns(session, ids)], self.house.call))


class _Factory(ServerFactory):
    noisy = False

    def __init__(self, service: ImapService, secure: bool) -> None:
        self._service = service
        self._secure = secure

    def buildProtocol(self, addr: object) -> ImapConnection:
        """One for each connection."""
        return ImapConnection(self._service, self._secure)
