"""Delivery to the outside: one consignment for each message and domain, a few at a time for each destination."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import structlog

from odcore import clock
from odcore.config.types import HostPort
from odcore.errors import Fault
from odcore.net.dns import Resolver
from odmail.delivery import bounce
from odmail.delivery.bodies import Leaving
from odmail.delivery.breaker import Breaker
from odmail.delivery.departure import Departure, header_of
from odmail.delivery.lanes import Lanes
from odmail.delivery.outcomes import BUSY, deferred, failed, refused
from odmail.delivery.parking import Key, Parking
from odmail.delivery.ports import Host, Outcome, RelayLogin, RemoteSender, Security, Shipment
from odmail.delivery.resolve import domain_of
from odmail.delivery.routes import NoRoute, hosts_of, proven, unproven, waives_tls
from odmail.delivery.seen_tls import seen_tls
from odmail.delivery.settings import DeliverySettings
from odmail.delivery.settlement import Result, Settlement
from odmail.queue.api import Leased, Queue
from odmail.queue.model import Envelope, QueuedRecipient, Recipient
from odmail.reports.model import Kind
from odmail.reports.tally import Tally
from odmail.transport.policies import Policies

log = structlog.get_logger()

Forward = Callable[[str, str], str]
"""`srs.Rewriter.forward`"""


_TO_SETTLE = 60
"""Seconds before its lease ends by which a message is given up: whoever had it next would send it once more."""

_FIRST_PATIENCE = 4
"""Seconds for a connection to whom nobody has spoken yet; the next attempt waits as long as it is set."""


class Going(msgspec.Struct, frozen=True):
    """One recipient on the way out; `address` is where to, which an alias may have changed."""

    leased: Leased
    recipient: QueuedRecipient
    address: str

    @property
    def key(self) -> Key:
        """As it is remembered while there is no room for it."""
        return self.leased.message.id, self.recipient.number

    @property
    def shares(self) -> str:
        """What goes to one domain goes together, unless the message is this recipient's alone."""
        alone = self.forwarded or self.leased.message.origin.leave
        return self.address if alone else domain_of(self.address)

    @property
    def forwarded(self) -> bool:
        """Did an address of ours lead here?"""
        return self.address != self.recipient.recipient.address


class Route(msgspec.Struct, frozen=True):
    """How all mail for the outside goes when it does not go by MX."""

    host: HostPort
    login: RelayLogin | None = None

    @classmethod
    def from_settings(cls, settings: DeliverySettings) -> "Route | None":
        """None: by MX."""
        if settings.relay is None:
            return None
        login = None
        if settings.relay_login:
            password = Path(settings.relay_password_file).read_text().strip()
            login = RelayLogin(settings.relay_login, password)
        return cls(settings.relay, login)


class RemoteDelivery:
    """Threads that talk to other people's servers."""

    def __init__(
        self,
        host: str,
        settings: DeliverySettings,
        sender: RemoteSender,
        resolver: Resolver,
        policies: Policies,
        departure: Departure,
        settlement: Settlement,
        queue: Queue,
        forward: Forward | None = None,
        tally: Tally | None = None,
    ) -> None:
        """`host` is our own name; `settlement` hears of outcomes from the threads."""
        self._tally = tally
        self._forward = forward
        self._host = host
        self._route = Route.from_settings(settings)
        self._sender = sender
        self._resolver = resolver
        self._policies = policies
        self._departure = departure
        self._settlement = settlement
        self._queue = queue
        self._parking = Parking()
        self._breaker = Breaker(settings.at_once if self._route else settings.at_once_each)
        self._lanes: Lanes[list[Going]] = Lanes(settings.at_once, self._work, self._breaker.width)

    def send(self, going: Iterable[Going]) -> None:
        """Returns at once; the settlement hears of each later."""
        consignments: dict[tuple[str, str], list[Going]] = {}
        for each in going:
            consignments.setdefault((each.leased.message.id, each.shares), []).append(each)
        parked: list[Going] = []
        for consignment in consignments.values():
            destination, keys = self._destination(consignment[0]), [each.key for each in consignment]
            if self._lanes.enter(destination, consignment):
                self._parking.leave(destination, keys)
            else:
                self._parking.park(destination, keys)
                parked += consignment
        if parked:
            self._settlement.settle([Result(each.leased, each.recipient, BUSY) for each in parked])

    def resume(self, most: int) -> None:
        """What found no room before is due, before all else, as far as there is room now.

        And who looks into the queue sees how destinations stand.
        """
        if keys := self._parking.take(self._lanes.admit, most):
            self._queue.ready(keys, clock.timestamp())
        if changed := self._breaker.changes():
            self._queue.note_destinations(changed)

    def drain(self) -> None:
        """Wait until everything sent so far has been tried."""
        self._lanes.drain()

    def close(self) -> None:
        """Wait for conversations under way; what waits stays in the queue."""
        self._lanes.close()

    def _destination(self, going: Going) -> str:
        route = self._route_of(going)
        return str(route.host) if route else domain_of(going.address)

    def _work(self, destination: str, consignment: list[Going]) -> None:
        """One consignment, as far as it is still ours: it may have waited longer than a lease lasts."""
        consignment, until = self._kept(consignment)
        if not consignment:
            return
        try:
            self._settle(consignment, self._attempt(destination, consignment, until))
        except Exception:
            log.exception("remote_delivery_failed", id=consignment[0].leased.message.id)
            self._settle(consignment, [deferred("4.3.0", "internal error")] * len(consignment))

    def _kept(self, consignment: list[Going]) -> tuple[list[Going], int]:
        """What is still ours, and until when."""
        leased = consignment[0].leased
        try:
            kept = self._queue.keep(leased, [each.recipient.number for each in consignment], clock.timestamp())
        except Fault as fault:  # the lease ends, and the message is due again
            log.warning("lease_not_kept", id=leased.message.id, reason=fault.text)
            return [], 0
        if len(kept.numbers) < len(consignment):
            log.info("lease_lost", id=leased.message.id, recipients=len(consignment) - len(kept.numbers))
        return [each for each in consignment if each.recipient.number in kept.numbers], kept.until

    def _attempt(self, destination: str, consignment: list[Going], until: int) -> Sequence[Outcome]:
        if away := self._breaker.away(destination):
            return [away] * len(consignment)
        try:
            block = header_of(consignment[0].leased)
            shipment = self._shipment(consignment, block, until, first=self._breaker.is_new(destination))
        except NoRoute as reason:
            return [failed(reason.enhanced, reason.text)] * len(consignment)
        except Fault as fault:
            return [refused(fault)] * len(consignment)
        began = self._breaker.now()
        outcomes = self._sender.send(shipment)
        self._breaker.note(destination, outcomes, began)
        if self._tally is not None:
            self._count(self._tally, consignment[0], block, shipment)
        return outcomes

    def _settle(self, consignment: list[Going], outcomes: Sequence[Outcome]) -> None:
        self._settlement.settle(
            Result(each.leased, each.recipient, outcome, bounce.RELAYED, each.address)
            for each, outcome in zip(consignment, outcomes, strict=True)
        )

    def _shipment(self, consignment: list[Going], block: bytes, until: int, *, first: bool) -> Shipment:
        """All recipients of a consignment share its message, hosts and fate before the first RCPT.

        Raises NoRoute, Fault.
        """
        leased = consignment[0].leased
        route = self._route_of(consignment[0])
        hosts = self._hosts(domain_of(consignment[0].address), route, waived=_waived(leased, block))
        return Shipment(
            id=leased.message.id,
            hosts=proven(hosts) if leased.message.envelope.requiretls else hosts,
            envelope=_envelope(leased.message.envelope, self._sender_of(consignment[0]), consignment),
            body=self._body(consignment[0], block),
            login=route.login if route else None,
            patience=_FIRST_PATIENCE if first else None,
            seconds=until - clock.timestamp() - _TO_SETTLE,
        )

    def _count(self, tally: Tally, going: Going, block: bytes, shipment: Shipment) -> None:
        """For the reports to the domain, if its own wishes were asked."""
        if not shipment.sessions or self._route_of(going) is not None or _waived(going.leased, block):
            return
        domain = domain_of(going.address)
        policy = self._policies.of(domain)
        for session in shipment.sessions:
            tally.note(Kind.TLS, domain, seen_tls(session, shipment.hosts, policy))

    def _route_of(self, going: Going) -> Route | None:
        """An administrator's word for one message, else the configured one."""
        chosen = going.leased.message.envelope.route
        return Route(HostPort(chosen)) if chosen else self._route

    def _sender_of(self, going: Going) -> str:
        """What only passes through the house leaves it under an address of ours."""
        sender = going.leased.message.envelope.sender
        return self._forward(sender, going.recipient.recipient.address) if self._forward else sender

    def _body(self, going: Going, block: bytes) -> Leaving:
        return self._departure.body(going.leased, block, going.recipient.recipient.address, forwarded=going.forwarded)

    def _hosts(self, domain: str, route: Route | None, *, waived: bool) -> tuple[Host, ...]:
        if route is None and waived:
            return unproven(hosts_of(domain, self._resolver, self._host))
        if route is None:
            return hosts_of(domain, self._resolver, self._host, self._policies.of(domain))
        name = route.host.host
        security = Security.REQUIRED if route.login else Security.OPPORTUNISTIC
        return (Host(name, _numeric(name) or self._resolver.addresses(name), route.host.port, security),)


def _envelope(envelope: Envelope, sender: str, consignment: list[Going]) -> Envelope:
    recipients = tuple(
        Recipient(each.address, each.recipient.recipient.notify, each.recipient.recipient.orcpt) for each in consignment
    )
    return msgspec.structs.replace(envelope, sender=sender, recipients=recipients)


def _waived(leased: Leased, block: bytes) -> bool:
    """Does it go whatever the domain asks of TLS? (RFC 8689 5)"""
    return not leased.message.envelope.requiretls and waives_tls(block)


def _numeric(name: str) -> tuple[str, ...]:
    return (name,) if name.replace(".", "").isdigit() or ":" in name else ()
