"""The bus with Twisted: the supervisor's hub on a Unix socket, and each process's connection to it."""

import contextlib
import fcntl
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IPushProducer,
    IReactorCore,
    IReactorFromThreads,
    IReactorTime,
    IReactorUNIX,
)
from twisted.internet.protocol import Factory, Protocol, ReconnectingClientFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from odcore.bus.api import Message, Wanted
from odcore.bus.frames import BadFrame, Reader, encode, tag_of
from odcore.bus.subscribers import Subscribers

log = structlog.get_logger()

_RETRY = 1.0  # seconds

_WANTED = tag_of(Wanted)

_BREATH = 0.02
"""Seconds between two sendings of a process: a lone hint goes at once, in a crowd equal ones become one."""


class BusReactor(IReactorCore, IReactorFromThreads, IReactorTime, IReactorUNIX):
    """What the bus needs of a reactor."""


@implementer(IPushProducer)
class _Link(Protocol):
    """One connection. While the peer does not read, frames for it are dropped: hints are losable, memory is not."""

    def __init__(
        self,
        received: Callable[["_Link", str, bytes, bytes], None],
        ended: Callable[["_Link"], None],
        opened: Callable[["_Link"], None] | None = None,
    ) -> None:
        self._opened = opened
        self._reader = Reader()
        self._received = received
        self._ended = ended
        self._open = False
        self.wanted: frozenset[str] | None = None  # what the peer of a hub wants to hear, None: everything

    def connectionMade(self) -> None:
        self._open = True
        self.transport.registerProducer(self, True)  # type: ignore[union-attr]
        if self._opened is not None:
            self._opened(self)

    def dataReceived(self, data: bytes) -> None:
        try:
            for tag, payload, frame in self._reader.feed(data):
                self._received(self, tag, payload, frame)
        except (BadFrame, UnicodeDecodeError) as error:
            log.warning("bus-peer-refused", reason=str(error))
            self.transport.loseConnection()  # type: ignore[union-attr]

    def connectionLost(self, reason: Failure | None = None) -> None:
        self._open = False
        self._ended(self)

    def send(self, frames: bytes) -> None:
        """Whole frames only."""
        if self._open:
            self.transport.write(frames)  # type: ignore[union-attr]

    def pauseProducing(self) -> None:
        self._open = False

    def resumeProducing(self) -> None:
        self._open = True

    def stopProducing(self) -> None:
        self._open = False


class Hub(Factory):
    """Forwards each frame to every other connection. One supervisor of a data folder hosts it."""

    noisy = False

    def __init__(self, reactor: BusReactor, path: Path) -> None:
        self._reactor = reactor
        self._path = path
        self._links: set[_Link] = set()
        self._lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def host(self) -> None:
        """Listen; where another supervisor does so already, take its place once it is gone."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._reactor.callLater(_RETRY, self.host)
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        self._reactor.listenUNIX(str(self._path), self, mode=0o600)

    def buildProtocol(self, addr: IAddress | None) -> _Link:
        link = _Link(self._forward, self._links.discard)
        self._links.add(link)
        return link

    def _forward(self, source: _Link, tag: str, payload: bytes, frame: bytes) -> None:
        if tag == _WANTED:
            with contextlib.suppress(msgspec.DecodeError):
                source.wanted = msgspec.msgpack.decode(payload, type=Wanted).tags
            return
        for link in self._links:
            if link is not source and (link.wanted is None or tag in link.wanted):
                link.send(frame)


class _Dialer(ReconnectingClientFactory):
    """Keeps one link to the hub."""

    initialDelay = 0.1  # seconds
    maxDelay = 2
    noisy = False

    def __init__(
        self,
        reactor: IReactorTime,
        received: Callable[[_Link, str, bytes, bytes], None],
        opened: Callable[[_Link], None],
    ) -> None:
        self._reactor = reactor
        self._received = received
        self._opened = opened
        self.link: _Link | None = None
        self.linked: Deferred[None] = Deferred()  # fires at the first link

    def buildProtocol(self, addr: IAddress | None) -> _Link:
        self.resetDelay()  # type: ignore[no-untyped-call]
        self.link = _Link(self._received, self._lost, self._opened)
        if not self.linked.called:
            self._reactor.callLater(0, self.linked.callback, None)
        return self.link

    def _lost(self, link: _Link) -> None:
        self.link = None


class BusClient:
    """`odcore.bus.api.Bus` for a process of the suite."""

    def __init__(self, reactor: BusReactor, path: Path) -> None:
        self._reactor = reactor
        self._subscribers = Subscribers()
        self._waiting: deque[msgspec.Struct] = deque()
        self._waking = False
        self._rested = 0.0  # when the next sending may be
        self._dialer = _Dialer(reactor, self._receive, self._want)
        reactor.connectUNIX(str(path), self._dialer)

    def linked(self) -> Deferred[None]:
        """Done once the first connection to the hub stands: what is published before reaches only this process."""
        return self._dialer.linked

    def publish(self, message: msgspec.Struct) -> None:
        """From any thread. Many published in one breath cross to the reactor thread, and to the hub, together."""
        self._waiting.append(message)
        if not self._waking:
            self._waking = True
            self._reactor.callFromThread(self._breathe)

    def subscribe(self, kind: type[Message], call: Callable[[Message], None]) -> Callable[[], None]:
        """In the reactor thread."""
        end = self._subscribers.add(kind, call)
        if self._dialer.link is not None:
            self._want(self._dialer.link)
        return end

    def _want(self, link: _Link) -> None:
        link.send(encode(self._subscribers.wanted))

    def _breathe(self) -> None:
        wait = self._rested - self._reactor.seconds()
        if wait > 0:
            self._reactor.callLater(wait, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        self._rested = self._reactor.seconds() + _BREATH
        self._waking = False  # before the last look at the queue: a message appended later wakes us again
        messages = dict.fromkeys(self._waiting.popleft() for _ in range(len(self._waiting)))
        if self._dialer.link is not None:
            self._dialer.link.send(b"".join(map(encode, messages)))
        for message in messages:
            self._subscribers.deliver(message)

    def _receive(self, _link: _Link, tag: str, payload: bytes, _frame: bytes) -> None:
        message = self._subscribers.decode(tag, payload)
        if message is not None:
            self._subscribers.deliver(message)
