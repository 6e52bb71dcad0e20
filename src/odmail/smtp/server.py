"""SMTP servers on Twisted: sockets, TLS, time and back-pressure around `odmail.smtp.session`.

While the session waits for anything but octets, its socket is not read: a slow disk slows the client down. The same
holds while a client does not read our replies. One sweep over all connections, not a timer in each, finds those that
are out of time.
"""

from typing import Any

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IHandshakeListener,
    IPushProducer,
    IReactorTime,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from odcore import clock, ids
from odcore.identity.api import Principal
from odcore.net.hop import Hop
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls, channel_of, describe
from odmail.smtp import verbs
from odmail.smtp.ports import House, Peer
from odmail.smtp.session import Session
from odmail.smtp.settings import ServerSettings
from odmail.smtp.types import Call, Need, Pause, Reply, Soon

log = structlog.get_logger()

_SWEEP_SECONDS = 5.0
_SHUTDOWN_SECONDS = 30.0
_GOODBYE_SECONDS = 10.0
"""What a client may take to read our last words and close."""

_WEIGHT = 10
"""Connections a recipient counts for who is not there: addresses are not guessed by the thousand (A20)."""

_BUSY = Reply(421, "4.7.0", "too many connections, try again later").encode()
_ACCESS_ENDED = Reply(421, "4.7.0", "access has ended").encode()
_LATE = Reply(421, "4.4.2", "timeout").encode()
_SLOW = Reply(421, "4.4.2", "message comes too slowly").encode()


@implementer(IHalfCloseableProtocol, IHandshakeListener, IPushProducer)
class SmtpConnection(TwistedProtocol):
    """One client."""

    transport: Any

    def __init__(self, factory: "SmtpFactory", address: str) -> None:
        self._factory = factory
        self._address = address
        self._admitted = False
        self._session: Session | None = None
        self._begun = 0.0  # when the call under way began, 0: none is
        self._pause: IDelayedCall | None = None
        self._farewell: IDelayedCall | None = None
        self._parted = 0.0  # when our last word was said, 0: not yet
        self._paused = False  # the socket is not read
        self._unread = False  # the client does not read what we write
        self._lost = False
        self._ended = False  # the client says nothing more, but may still listen
        self._unwelcome = False
        self._since = clock.monotonic()  # since when the client owes us something

    # -- from Twisted

    def connectionMade(self) -> None:
        self._admitted = self._factory.enter(self)
        if not self._admitted:
            self.transport.write(_BUSY)
            self._farewell = self._factory.reactor.callLater(_GOODBYE_SECONDS, self.abort)  # no sweep looks at it
            self.transport.loseConnection()
            return
        self.transport.registerProducer(self, True)
        if not self._factory.house.service.implicit_tls:
            self._begin("")

    def handshakeCompleted(self) -> None:
        tls = describe(self.transport.getHandle())
        if self._session is not None:
            self._session.resume(tls)
            self._drive()
        elif self._admitted:
            self._begin(tls)

    def dataReceived(self, data: bytes) -> None:
        session = self._session
        if session is None:
            return
        session.receive(data)
        if self._begun or self._pause:
            self._hold()
        else:
            self._drive()

    def readConnectionLost(self) -> None:
        """Who has said all closes that side (Exim does after QUIT), and is still owed the replies."""
        self._ended = True
        if self._session is None:
            self.transport.loseConnection()
        elif not self._begun and not self._pause:
            self._drive()

    def writeConnectionLost(self) -> None:
        """We never close that side alone."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._lost = True
        if self._pause:
            self._pause.cancel()
            self._pause = None
        if self._farewell and self._farewell.active():
            self._farewell.cancel()
        if not self._begun:
            self._clean_up()

    def pauseProducing(self) -> None:
        self._unread = True
        self._hold()

    def resumeProducing(self) -> None:
        self._unread = False
        self._release()

    def stopProducing(self) -> None:
        """The connection is lost; `connectionLost` follows."""

    # -- from the factory

    def dismiss(self) -> None:
        """The server stops."""
        if self._session is None:
            self.transport.abortConnection()
        else:
            self._session.dismiss()
            if not self._begun and not self._pause:
                self._drive()

    @property
    def principal(self) -> Principal | None:
        """See `odcore.net.standing.Guest`."""
        return self._session.principal if self._session else None

    def show_out(self) -> None:
        """See `odcore.net.standing.Guest`. What is on its way to the disk gets its answer first."""
        self._unwelcome = True
        if not self._begun and not self._pause:
            self._drive()

    def abort(self) -> None:
        """At once, whatever is under way."""
        self.transport.abortConnection()

    def check(self, instant: float) -> None:
        """Has the client's time run out?"""
        if self._parted:
            if instant - self._parted > _GOODBYE_SECONDS:
                self.abort()
            return
        if self._begun or self._pause:
            return
        settings, intake = self._factory.settings, self._session.receiving if self._session else None
        patience = settings.idle_seconds + (intake.size / settings.least_rate if intake else 0)
        if instant - self._since < patience:
            return
        log.info("timeout", session=self._session.peer.session if self._session else "", address=self._address)
        if self._session is None or self._unread:
            self.abort()
        else:
            self._session.close()
            self.transport.write(_SLOW if intake else _LATE)
            self._hang_up()

    # -- the session's wishes

    def _begin(self, tls: str) -> None:
        peer = Peer(self._address, ids.readable(8), tls, lambda: channel_of(self.transport))
        log.debug("connected", session=peer.session, address=peer.address, service=self._factory.house.service.name)
        self._session = Session(self._factory.house, self._factory.table, peer)
        self._session.start()
        self._drive()

    def _drive(self) -> None:
        """Do as the session wants; replies gather while calls follow one another (RFC 2920 3.2)."""
        session = self._session
        if session is None:
            return
        want = session.want
        if isinstance(want, Call):
            self._call(want)
            return
        if output := session.output():
            self._since = clock.monotonic()
            self.transport.write(output)
        if self._unwelcome and want is Need.INPUT and not self._lost:
            session.close()
            self.transport.write(_ACCESS_ENDED)
            self._hang_up()
        elif self._ended and want is Need.INPUT and not self._lost:
            session.close()
            self._hang_up()
        elif want is Need.INPUT:
            self._release()
            if self._lost:
                self._clean_up()
        elif isinstance(want, Pause):
            self._pause = self._factory.reactor.callLater(want.seconds, self._go_on)
        elif want is Need.TLS and not self._lost and self._factory.tls is not None:
            self._release()
            self.transport.startTLS(self._factory.tls)
        else:
            self._hang_up()

    def _call(self, call: Call[Any]) -> None:
        self._begun = clock.monotonic()
        hop = self._factory.hop
        coming = hop.soon(call.begin) if isinstance(call, Soon) else hop.call(call.run)
        coming.addCallbacks(self._succeed, self._fail)

    def _succeed(self, result: Any) -> None:
        if self._session is not None:
            self._account()
            self._session.resume(result)
            self._drive()

    def _fail(self, failure: Failure) -> None:
        if self._session is not None and failure.value is not None:
            self._account()
            self._session.fail(failure.value)
            self._drive()

    def _account(self) -> None:
        """The time a call took is ours, not the client's."""
        self._since += clock.monotonic() - self._begun
        self._begun = 0.0

    def _go_on(self) -> None:
        self._pause = None
        if self._session is not None:
            self._session.resume(None)
            self._drive()

    def _hold(self) -> None:
        if not self._paused and not self._lost:
            self._paused = True
            self.transport.pauseProducing()

    def _release(self) -> None:
        if self._paused and not self._unread and not self._lost and not self._begun and not self._pause:
            self._paused = False
            self.transport.resumeProducing()

    def _hang_up(self) -> None:
        if self._lost:
            self._clean_up()
            return
        self.transport.unregisterProducer()
        self._part()

    def _part(self) -> None:
        """Close once all is said: TLS would wait for ever for a client that neither reads nor closes."""
        self._parted = clock.monotonic()
        self.transport.loseConnection()

    def _clean_up(self) -> None:
        """Nothing is under way any more: what a broken-off message left behind goes too."""
        session, self._session = self._session, None
        if session is not None and (leftover := session.lost()) is not None:
            self._factory.hop.call(leftover.run).addErrback(_report, session.peer.session)
        if self._admitted:
            self._admitted = False
            self._factory.leave(self, session.unknown if session is not None else 0)

    @property
    def address(self) -> str:
        """The client's network address, "" for a Unix socket."""
        return self._address


def _report(failure: Failure, session: str) -> None:
    log.error("discard-failed", session=session, reason=str(failure.value))


class SmtpFactory(Factory):
    """One service: its connections, their limits and their end."""

    noisy = False

    def __init__(
        self,
        house: House,
        settings: ServerSettings,
        hop: Hop,
        reactor: IReactorTime,
        tls: ServerTls | None = None,
    ) -> None:
        self.house = house
        self.table = verbs.load()
        self.settings = settings
        self.hop = hop
        self.reactor = reactor
        self.tls = tls
        self._admission = Admission(
            settings.connections, settings.connections_per_address, settings.connections_per_minute
        )
        self._open: set[SmtpConnection] = set()
        self._sweeping: IDelayedCall | None = None
        self._stopped: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> SmtpConnection:
        return SmtpConnection(self, getattr(addr, "host", "").removeprefix("::ffff:"))

    @property
    def guests(self) -> tuple[SmtpConnection, ...]:
        """The open connections."""
        return tuple(self._open)

    def enter(self, connection: SmtpConnection) -> bool:
        """May this connection stay?"""
        if self._stopped is not None or not self._admission.admit(connection.address):
            log.info("turned-away", address=connection.address, service=self.house.service.name)
            return False
        self._open.add(connection)
        if self._sweeping is None:
            self._sweeping = self.reactor.callLater(_SWEEP_SECONDS, self._sweep)
        return True

    def leave(self, connection: SmtpConnection, unknown: int) -> None:
        """It has ended, having asked for `unknown` recipients that are not there."""
        self._open.discard(connection)
        self._admission.leave(connection.address)
        self._admission.burden(connection.address, _WEIGHT * unknown)
        if not self._open and self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        if not self._open and self._stopped is not None and not self._stopped.called:
            self._stopped.callback(None)

    def shut_down(self) -> "Deferred[None]":
        """Messages on their way in may arrive, for `_SHUTDOWN_SECONDS`; all else ends now. Fires when all are gone."""
        self._stopped = Deferred()
        if not self._open:
            self._stopped.callback(None)
            return self._stopped
        late = self.reactor.callLater(_SHUTDOWN_SECONDS, self._abort)
        self._stopped.addCallback(lambda _: late.cancel() if late.active() else None)
        for connection in tuple(self._open):
            connection.dismiss()
        return self._stopped

    def _abort(self) -> None:
        for connection in tuple(self._open):
            connection.abort()

    def _sweep(self) -> None:
        self._sweeping = self.reactor.callLater(_SWEEP_SECONDS, self._sweep)
        instant = clock.monotonic()
        for connection in tuple(self._open):
            connection.check(instant)
