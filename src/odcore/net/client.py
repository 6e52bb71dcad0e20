"""One client's connection, as far as it is the same for every protocol: admission, TLS, back-pressure, good-byes.

An engine owns what is said. It writes without fear (`write`), waits where answers are long (`drained`), and holds the
client back when it says more than can be done (`pause`). Nothing here has a timer: the owner of all connections looks
at each every few seconds (`odcore.net.clients`).
"""

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar
from typing import Protocol as Port

from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IHandshakeListener,
    IPushProducer,
    ISSLTransport,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from odcore import clock, haste, metrics
from odcore.identity.api import Principal
from odcore.later import Disconnected, Later
from odcore.net.hop import Hop
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls, channel_of
from odcore.sasl.api import Channel

P = ParamSpec("P")
T = TypeVar("T")


class Engine(Port):
    """What is said: a session of a protocol."""

    principal: Principal | None
    """Who signed in."""

    def start(self) -> object:
        """Greet the client."""

    def received(self, data: bytes, /) -> object:
        """It said something."""

    def finished(self) -> object:
        """It says nothing more, but may still listen."""

    def lost(self) -> object:
        """It is gone."""


E = TypeVar("E", bound=Engine)

GOODBYE = 10.0  # seconds a client may take to read our last words and close
STALL = 300.0  # seconds a client may leave what we send unread
HANDSHAKE = 30.0  # seconds it may take until TLS stands


def caller(hop: Hop) -> Callable[..., Awaitable[Any]]:
    """Blocking work for engines: `await call(account.mailbox, name)`."""

    def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Later[T]:
        later: Later[T] = Later()

        def failed(failure: Failure) -> None:
            later.fail(failure.value or RuntimeError("a failure without a cause"))

        hop.call(function, *args, **kwargs).addCallbacks(later.set, failed)
        return later

    return call


def quick_caller(hop: Hop) -> Callable[..., Awaitable[Any]]:
    """The same, for what can nearly always be done at once (`odcore.haste`)."""
    call = caller(hop)

    def quick(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        later: Later[T] = Later()
        try:
            later.set(haste.at_once(function, *args, **kwargs))
        except haste.MustWait:
            return call(function, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits the call
            later.fail(error)
        return later

    return quick


@implementer(IHalfCloseableProtocol, IHandshakeListener, IPushProducer)
class ClientConnection(Protocol, Generic[E]):
    """See the module's docstring. A protocol says how a session begins, and how it ends when we want it to."""

    protocol = ""  # as metrics call it
    turned_away = b""  # what too many connections are told

    def __init__(self, admission: Admission, tls: ServerTls | None, crowd: "set[Any]", secure: bool) -> None:
        self.transport: Any = None  # Twisted sets it, and its interfaces do not say all that a TCP server can
        self.secure = secure
        self.address = ""
        self.session: E | None = None
        self._admission = admission
        self._tls = tls
        self._crowd = crowd  # all connections
        self._admitted = False
        self._begun = False
        self._came_at = clock.monotonic()
        self._full_since = 0.0
        self._closing_since = 0.0
        self._room: Later[None] | None = None

    # What a protocol says.

    @abstractmethod
    def open(self) -> E:
        """The session of a client that may be greeted."""

    @abstractmethod
    def look(self, session: E, now: float) -> None:
        """Every few seconds: hang up on who is silent."""

    @abstractmethod
    def dismiss(self) -> None:
        """Say that the server stops."""

    def heard(self, data: bytes) -> None:
        """The client said something."""
        if self.session is not None:
            self.session.received(data)

    # What Twisted calls.

    def connectionMade(self) -> None:
        """Unless there are too many already. With TLS from the first octet the handshake comes before the greeting."""
        self.address = str(getattr(self.transport.getPeer(), "host", ""))
        self._crowd.add(self)
        self._admitted = self._admission.admit(self.address)
        if not self._admitted:
            self._closing_since = clock.monotonic()  # TLS may wait for ever to say good-bye
            self.transport.write(self.turned_away)
            self.transport.loseConnection()
            return
        self.transport.registerProducer(self, True)
        self.transport.setTcpNoDelay(True)
        metrics.connections.labels(self.protocol).inc()
        if not ISSLTransport.providedBy(self.transport):
            self._begin()

    def handshakeCompleted(self) -> None:
        """After STARTTLS nobody greets again."""
        if self._admitted and not self._begun:
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        self.session = self.open()
        self.session.start()

    def dataReceived(self, data: bytes) -> None:
        """Octets of the client."""
        if self._begun:
            self.heard(data)

    def readConnectionLost(self) -> None:
        """Who closes that side after its last command is still owed the replies."""
        if self.session is not None:
            self.session.finished()
        elif not self._begun:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close that side alone."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The socket is gone."""
        self._crowd.discard(self)
        if self._admitted:
            self._admission.leave(self.address)
            metrics.connections.labels(self.protocol).dec()
        session, self.session = self.session, None
        if session is not None:
            session.lost()
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

    # What an engine calls.

    @property
    def channel(self) -> Channel:
        """What the TLS around it vouches for."""
        return channel_of(self.transport)

    def write(self, data: bytes) -> None:
        """Send; what the socket does not take now is kept."""
        self.transport.write(data)

    def drained(self) -> Later[None] | None:
        """None while the socket takes more; else done when it does again (and failed when it is gone)."""
        if not self._full_since:
            return None
        if self._room is None:
            self._room = Later()
        return self._room

    def pause(self) -> None:
        """Read no more from the client for now."""
        self.transport.pauseProducing()

    def resume(self) -> None:
        """Read again."""
        self.transport.resumeProducing()

    def start_tls(self) -> None:
        """What was written goes out as it is; everything after it, both ways, is TLS."""
        if self._tls is None:
            raise RuntimeError("no certificate")
        self.transport.startTLS(self._tls)
        self.secure = True

    def close(self) -> None:
        """End it once all that was written is out."""
        self._closing_since = self._closing_since or clock.monotonic()
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    @property
    def principal(self) -> Principal | None:
        """See `odcore.net.standing.Guest`."""
        return self.session.principal if self.session is not None else None

    # What the clock calls.

    def tick(self, now: float) -> None:
        """Hang up on who is silent or deaf."""
        if not self._is_overdue(now) and self.session is not None:
            self.look(self.session, now)

    def _is_overdue(self, now: float) -> bool:
        """Does it leave our words unread? Then nothing else is to be said; after a while it is cut off."""
        if not self._begun and now - self._came_at > HANDSHAKE:
            self.transport.abortConnection()
            return True
        if not self._closing_since and not self._full_since:
            return False
        if now - (self._closing_since or now) > GOODBYE or now - (self._full_since or now) > STALL:
            self.transport.abortConnection()
        return True
