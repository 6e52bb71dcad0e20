"""Sends mail to other people's servers: sockets, TLS, time and back-pressure around `odmail.smtp.client`.

The thread that calls `Sender.send` waits until all is done, and meanwhile reads the message's blocks for the reactor:
a slow disk stops nobody else, and no second pool of threads is needed. Blocks are asked for only while the peer takes
them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import structlog
from msgspec.structs import replace
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IDelayedCall, IHandshakeListener, IOpenSSLClientConnectionCreator, IPushProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from odcore.net.client_tls import REFUSALS, AnyCertificate, DaneCertificate, checked_certificate
from odcore.net.tls import describe
from odmail.delivery.ports import Host, Outcome, Security, Shipment
from odmail.queue.model import Status
from odmail.smtp.client import Client, Target
from odmail.smtp.errand import Errand
from odmail.smtp.idle import Idle
from odmail.smtp.replies import UNREACHABLE, Gone, Heard, at_the_door, outcome
from odmail.smtp.settings import SenderSettings
from odmail.smtp.tls_session import tls_session
from odmail.smtp.types import Call, Need

log = structlog.get_logger()

_AFTER_END = 5  # times the patience for other replies (RFC 5321 4.5.3.2.6)
_BUG = outcome(Heard(451, "4.3.0", ("internal error",)), "", "")
_LEAST_RATE = 500  # octets a second a peer must take

Key = tuple[Host, str, object, bool]
"""Connections with the same key carry each other's messages."""


class Sender:
    """`odmail.delivery.ports.RemoteSender`."""

    def __init__(self, settings: SenderSettings, ours: str, reactor: Any, authorities: Path | None = None) -> None:
        """`ours`: our name for EHLO. `authorities`: PEM file of those believed where certificates are checked."""
        self.settings = settings
        self.reactor = reactor
        self._ours = ours
        self._authorities = authorities
        self._idle: Idle[_Connection] = Idle()
        self._open: set[_Connection] = set()
        self._stopped = False

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        """Blocks."""
        errand = Errand(shipment, self.reactor.seconds())
        self.reactor.callFromThread(self._begin, errand)
        outcomes = errand.serve(self.reactor.callFromThread)
        if outcomes is None:
            return (_BUG,) * len(shipment.envelope.recipients)
        return outcomes

    def stop(self) -> None:
        """On the reactor: what is under way ends now, to be tried again."""
        self._stopped = True
        for connection in tuple(self._open):
            connection.break_off("shutting down")

    # -- one shipment

    def _begin(self, errand: Errand) -> None:
        ensureDeferred(self._deliver(errand)).addErrback(_report, errand.shipment.id).addCallback(errand.end)

    async def _deliver(self, errand: Errand) -> tuple[Outcome, ...]:
        """Host after host, address after address, for those recipients nobody has answered for yet."""
        shipment = errand.shipment
        found: list[Outcome | None] = [None] * len(shipment.envelope.recipients)
        why: Outcome | None = None
        for host, address in ((each, address) for each in shipment.hosts for address in each.addresses):
            left = [number for number, each in enumerate(found) if each is None]
            if not left or self._stopped:
                break
            if self.reactor.seconds() >= errand.ends:
                why = _milder(why, outcome(Heard(451, "4.4.7", ("it takes too long",)), "", ""))
                break
            named = f"{host.name} [{address}]"
            try:
                results = await self._attempt(errand, _narrowed(shipment, left), host, address)
            except Gone as gone:
                why = _milder(why, at_the_door(gone.heard, named, ""))
                log.info("host-failed", id=shipment.id, host=named, reason=gone.heard.text)
                continue
            for number, each in zip(left, results[0], strict=True):
                found[number] = each
            why = _milder(why, results[1]) if results[1] else why
        nobody = at_the_door(Heard(451, UNREACHABLE, ("no host to send to",)), "", "")
        return tuple(each or why or nobody for each in found)

    async def _attempt(
        self, errand: Errand, shipment: Shipment, host: Host, address: str
    ) -> tuple[list[Outcome | None], Outcome | None]:
        """At one address, by a connection kept from before if there is one that still lives."""
        key = (host, address, shipment.login, shipment.implicit_tls)
        while connection := self._idle.take(key):
            await connection.deliver(errand, shipment)
            if not connection.stale:
                return self._finish(key, connection)
        connection = await self._connect(errand, host, address)
        await connection.deliver(errand, shipment)
        return self._finish(key, connection)

    def _finish(self, key: Key, connection: "_Connection") -> tuple[list[Outcome | None], Outcome | None]:
        """Keep the connection if it may carry more; its results, and why it broke if it did."""
        client = connection.client
        if client.reusable and self.settings.reuse_seconds and not self._stopped:
            connection.keep(self.settings.reuse_seconds, lambda: self._idle.drop(key, connection))
            if (oldest := self._idle.add(key, connection)) is not None:
                oldest.leave()
        elif client.want is Need.WORK:
            connection.leave()
        if client.failure is None:
            return client.outcomes, None
        judged = at_the_door if connection.useless else outcome
        return client.outcomes, judged(client.failure, client.target.host, client.tls)

    async def _connect(self, errand: Errand, host: Host, address: str) -> "_Connection":
        """Ready for work, or Gone. A handshake that fails is no reason not to deliver where TLS is only wished for."""
        shipment = errand.shipment
        connection = await self._open_connection(errand, host, address, host.security)
        if session := tls_session(host, address, connection.client, failed=connection.handshake_failed):
            shipment.sessions.append(session)
        wished = host.security.may_be_clear and not shipment.implicit_tls
        if connection.handshake_failed and wished and not self._stopped:
            log.info("tls-failed", id=shipment.id, host=connection.client.target.host)
            connection = await self._open_connection(errand, host, address, Security.NONE)
        if connection.client.want is not Need.WORK:
            failure = connection.client.failure or Heard(451, "4.4.2", ("connection lost",))
            raise Gone(failure.text, failure.code, failure.enhanced)
        return connection

    async def _open_connection(self, errand: Errand, host: Host, address: str, security: Security) -> "_Connection":
        shipment, left = errand.shipment, max(1.0, errand.ends - self.reactor.seconds())
        target = Target(f"{host.name} [{address}]", self._ours, security, shipment.login, self.settings.chunking)
        creator = self._creator(host, security)
        made = Factory.forProtocol(lambda: _Connection(self, Client(target), creator, shipment.implicit_tls))
        made.noisy = False
        endpoint = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        patience = min(self.settings.connect_seconds, shipment.patience or self.settings.connect_seconds, left)
        try:
            connection: Any = await endpoint(self.reactor, address, host.port, patience).connect(made)
        except (ConnectError, OSError) as error:
            raise Gone(str(error).rstrip("."), 451, UNREACHABLE) from None
        await connection.opened(errand.ends)
        return cast("_Connection", connection)

    def _creator(self, host: Host, security: Security) -> IOpenSSLClientConnectionCreator:
        if security is Security.REQUIRED:
            return checked_certificate(host.name, self._authorities)
        if security is Security.DANE:
            return DaneCertificate(host.name, host.tlsa, host.names)
        return AnyCertificate(host.name)

    def enter(self, connection: "_Connection") -> None:
        """A connection was made."""
        self._open.add(connection)

    def forget(self, connection: "_Connection") -> None:
        """It has ended."""
        self._open.discard(connection)


@implementer(IHandshakeListener, IPushProducer)
class _Connection(Protocol):
    """One connection, before, between and in deliveries."""

    transport: Any

    def __init__(self, sender: Sender, client: Client, creator: IOpenSSLClientConnectionCreator, tls: bool) -> None:
        self.client = client
        self._sender = sender
        self._creator = creator
        self._tls_first = tls
        self._errand: Errand | None = None
        self._waiter: Deferred[None] | None = None  # fires when the client wants work, or to close
        self._timer: IDelayedCall | None = None
        self._limit: IDelayedCall | None = None  # on a whole delivery
        self._heard = -1  # replies, when the timer was last set
        self._since = 0  # replies before this delivery
        self._reused = False
        self._asking = False
        self._full = False  # the peer does not take what we write
        self._handshaking = False
        self._lost = False
        self._drop: Callable[[], None] = lambda: None  # no longer keep it

    # -- for the sender

    def opened(self, ends: float) -> "Deferred[None]":
        """Fires when the client wants work, or to close."""
        waiter: Deferred[None] = Deferred()
        self._waiter = waiter
        self._set_limit(0, ends)
        self._settle()
        return waiter

    def deliver(self, errand: Errand, shipment: Shipment) -> "Deferred[None]":
        """Results are the client's outcomes then."""
        self._cancel()
        self._reused, self._since = self._errand is not None, self.client.heard
        self._errand = errand
        waiter: Deferred[None] = Deferred()
        self._waiter = waiter
        self._set_limit(shipment.body.size, errand.ends)
        self._step(lambda: self.client.resume(shipment))
        return waiter

    @property
    def useless(self) -> bool:
        """Did it break, or say good-bye (421), before a word on the message was said?"""
        failure = self.client.failure
        return failure is not None and self.client.heard - self._since <= (failure.code == 421)

    @property
    def stale(self) -> bool:
        """A connection kept from before that was of no use: the message's chance is yet to come."""
        return self._reused and self.useless

    @property
    def handshake_failed(self) -> bool:
        """Was it TLS that broke it?"""
        return self._handshaking and self.client.failure is not None

    def keep(self, seconds: int, drop: Callable[[], None]) -> None:
        """Idle: good-bye in `seconds`, unless used before."""
        self._drop = drop
        self._set_timer(seconds, self.leave)

    def leave(self) -> None:
        """Say good-bye."""
        self._drop()
        self._step(lambda: self.client.resume(None))

    def break_off(self, reason: str) -> None:
        """At once."""
        self._fail(reason)
        self.transport.abortConnection()

    def answer(self, result: Any, error: BaseException | None) -> None:
        """What the errand's thread made of a call."""
        self._asking = False
        if self._lost:
            self._fail("connection lost")
        elif error is not None:
            self._step(lambda: self.client.fail(error))
        else:
            self._step(lambda: self.client.resume(result))

    # -- from Twisted

    def connectionMade(self) -> None:
        self._sender.enter(self)
        self.transport.registerProducer(self, True)
        if self._tls_first:
            self._shake_hands()
        else:
            self._step(self.client.start)

    def handshakeCompleted(self) -> None:
        self._handshaking = False
        tls = describe(self.transport.getHandle())
        if self._tls_first:
            self.client.tls = tls
            self._step(self.client.start)
        else:
            self._step(lambda: self.client.resume(tls))

    def dataReceived(self, data: bytes) -> None:
        self._step(lambda: self.client.receive(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._lost = True
        self._sender.forget(self)
        self._drop()
        if self._asking:
            return
        if self._handshaking or isinstance(reason.value, REFUSALS):
            self._fail(f"TLS handshake failed: {reason.value}", 451, "4.7.5")
        else:
            self._fail("connection lost")

    def pauseProducing(self) -> None:
        self._full = True

    def resumeProducing(self) -> None:
        self._full = False
        self._heard = -1
        if self.client.want is not Need.WORK:
            self._drive()

    def stopProducing(self) -> None:
        """`connectionLost` follows."""

    # -- the client's wishes

    def _step(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Gone as gone:  # before the conversation had begun
            self.client.failure = gone.heard
            self.client.close()
        except Exception:  # the edge: a bug costs this connection only
            log.exception("bug", host=self.client.target.host)
            self.client.close()
        self._drive()

    def _drive(self) -> None:
        client = self.client
        if output := client.output():
            self._heard = -1
            if not self._lost:
                self.transport.write(output)
        want = client.want
        if isinstance(want, Call) or want is Need.INPUT:
            self._be_patient()
            if isinstance(want, Call) and not self._full and not self._asking and self._errand is not None:
                self._asking = True
                self._errand.ask(want, self.answer)
        elif want is Need.TLS and not self._handshaking:
            self._shake_hands()
        elif want in (Need.WORK, Need.CLOSE):
            self._settle()

    def _settle(self) -> None:
        """Tell who waits."""
        if self.client.want not in (Need.WORK, Need.CLOSE):
            return
        self._cancel()
        if self.client.want is Need.CLOSE and not self._lost:
            self.transport.unregisterProducer()
            self.transport.loseConnection()
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.callback(None)

    def _shake_hands(self) -> None:
        self._handshaking = True
        self._be_patient()
        self.transport.startTLS(self._creator)

    def _fail(self, reason: str, code: int = 421, enhanced: str = "4.4.2") -> None:
        """The client hears of it wherever it stands."""
        if self.client.want is not Need.CLOSE:
            self._step(lambda: self.client.fail(Gone(reason, code, enhanced)))

    def _be_patient(self) -> None:
        """For one reply, not for one octet."""
        if self._heard != self.client.heard:
            self._heard = self.client.heard
            patience = self._sender.settings.reply_seconds * (_AFTER_END if self.client.ending else 1)
            self._set_timer(patience, lambda: self.break_off("no reply in time"))

    def _set_timer(self, seconds: float, action: Callable[[], None]) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = self._sender.reactor.callLater(seconds, action)

    def _set_limit(self, size: int, ends: float) -> None:
        """On all of the greetings, or on one delivery."""
        patience = self._sender.settings.reply_seconds * 2 * _AFTER_END + size / _LEAST_RATE
        left = min(patience, max(0.0, ends - self._sender.reactor.seconds()))
        self._limit = self._sender.reactor.callLater(left, self.break_off, "it takes too long")

    def _cancel(self) -> None:
        for timer in (self._timer, self._limit):
            if timer is not None and timer.active():
                timer.cancel()
        self._timer = self._limit = None


def _report(failure: Failure, id: str) -> None:
    log.error("bug", id=id, trace=failure.getTraceback())


def _milder(before: Outcome | None, now: Outcome) -> Outcome:
    """What one host refuses for good, another that could not be asked may take later."""
    return before if before and before.status is Status.WAITING and now.status is Status.FAILED else now


def _narrowed(shipment: Shipment, numbers: list[int]) -> Shipment:
    """For some of its recipients only."""
    recipients = tuple(shipment.envelope.recipients[number] for number in numbers)
    return replace(shipment, envelope=replace(shipment.envelope, recipients=recipients))
