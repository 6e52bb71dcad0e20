"""The rules of each service: who may send, where mail may go, what a message must be.  RFC 5321 3.6, RFC 6409, RFC 2033

Every method may wait for the directory or the disk, and says no by a Fault.
"""

# ruff: noqa: ARG002 - the port's signatures

from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from odcore import clock
from odcore.blob.api import Source
from odcore.blob.incoming import Incoming
from odcore.directory.api import Directory
from odcore.directory.cache import Cache
from odcore.directory.model import AccountRef, Local, Outside
from odcore.disk import Space
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odcore.ids import AccountId
from odmail.delivery import listing, submit, told
from odmail.delivery.alarm import Alarm
from odmail.delivery.inbound import Arrival
from odmail.delivery.influx import Influx
from odmail.delivery.inspection import Inspection
from odmail.delivery.local import Drop, Letter, LocalDelivery
from odmail.delivery.moderation import command_of, owners
from odmail.delivery.outgoing import Spool
from odmail.delivery.pace import Pace
from odmail.delivery.ports import Delivered, Done, Inbound, Outcome
from odmail.delivery.resolve import Back, Many, domain_of, qualify, resolve
from odmail.delivery.settings import DeliverySettings
from odmail.delivery.srs import is_rewritten
from odmail.delivery.trace import received, return_path
from odmail.history.model import Note, nothing
from odmail.mailbox.api import MailStore
from odmail.queue.api import Accept, Settled
from odmail.queue.model import Envelope, Origin, Recipient, Status, new_id
from odmail.queue.told import accepted

_BLOCK = 1 << 20

_HOLDS = 10.0
"""Seconds for which the answer about a recipient holds, unless the directory changes."""


class Desk:
    """What all gates share."""

    def __init__(
        self,
        host: str,
        folder: Path,
        settings: DeliverySettings,
        directory: Directory,
        queue: Spool,
        back: Back | None = None,
        note: Note = nothing,
    ) -> None:
        """`folder` holds the queue; `note` is told of what goes past it."""
        self.back = back
        self.note = note
        self.host = host
        self.settings = settings
        self.directory = directory
        self.queue = queue
        self.space = Space(folder, settings.least_free)

    def trace(self, envelope: Envelope, origin: Origin, id: str) -> bytes:
        """The first lines of a message that comes in."""
        return return_path(envelope.sender) + received(envelope, origin, self.host, id)

    def accept(self, id: str, envelope: Envelope, origin: Origin, source: Source, *, held: bool = False) -> Delivered:
        """Into the queue, for all recipients at once."""
        self.queue.accept(Accept(envelope, origin, source, due=envelope.release or None, id=id, held=held))
        return Delivered(id, (None,) * len(envelope.recipients))

    def accept_soon(self, id: str, envelope: Envelope, origin: Origin, source: Source, done: Done) -> None:
        """The same without waiting."""
        delivered = Delivered(id, (None,) * len(envelope.recipients))
        self.queue.accept_soon(
            Accept(envelope, origin, source, id=id),
            lambda outcome: done(outcome if isinstance(outcome, Exception) else delivered),
        )


class Fullness:
    """Which mailboxes are over their quota; an answer holds for some seconds."""

    def __init__(self, store: MailStore) -> None:
        self._store = store
        self._known: dict[AccountId, tuple[float, bool]] = {}

    def check(self, account: AccountRef) -> None:
        """Fault OVER_QUOTA."""
        looked, full = self._known.get(account.id, (float("-inf"), False))
        now = clock.monotonic()
        if now - looked > _HOLDS:
            quota = self._store.open(account.id).quota()
            full = 0 < quota.limit <= quota.used
            self._known[account.id] = (now, full)
        if full:
            raise Fault(Kind.OVER_QUOTA, "The mailbox is full.")


class _Gate:
    """`odmail.delivery.ports.Gate`, as far as services agree."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._directory = desk.directory

    @property
    def max_size(self) -> int:
        """Octets, announced by SIZE."""
        return self._desk.settings.max_size

    @property
    def max_recipients(self) -> int:
        """Announced by LIMITS."""
        return self._desk.settings.max_recipients

    def knows(self, address: str) -> bool:
        """Whoever decides anew each time knows nothing."""
        return False

    def soon(self, origin: Origin) -> Callable[[Envelope, Origin, bytes, Done], None] | None:
        """Taking a message in needs the directory, or more than one commit."""
        return None

    def _arrival(
        self,
        name: str,
        envelope: Envelope,
        origin: Origin,
        hand_over: Callable[[str, Envelope, Origin, Source], Delivered],
        revise: Callable[[bytes], bytes] | None = None,
    ) -> Arrival:
        """A message begins to come in."""
        self._desk.space.check()
        return Arrival(
            self._desk.queue.incoming(),
            self._desk.trace(envelope, origin, name),
            revise,
            partial(hand_over, name, envelope, origin),
            self.max_size,
        )

    def _resolve_ours(self, address: str) -> Local | Outside | Many:
        """P23: no address of a foreign domain, however it is written. A16: who is not there is refused here."""
        full = qualify(self._directory, address)
        if not self._directory.is_ours(domain_of(full)):
            raise Fault(Kind.DENIED, "Relaying denied.")
        return resolve(self._directory, full, self._desk.back)


class MxGate(_Gate):
    """Mail from anywhere for people, posts and lists of ours, and for nobody else."""

    def __init__(self, desk: Desk, fullness: Fullness | None = None, inspection: Inspection | None = None) -> None:
        """Without `fullness` (a node that has no mailboxes) full mailboxes show at delivery; without `inspection` every
        message is wanted.
        """
        super().__init__(desk)
        self._fullness = fullness
        self._inspection = inspection
        self._influx = Influx()
        self._answers = Cache(_HOLDS)
        desk.directory.on_change(lambda _: self._answers.drop())

    def sender(self, address: str, principal: Principal | None) -> None:
        """Anybody, the null reverse-path included; but only while there is room."""
        self._desk.space.check()

    def knows(self, address: str) -> bool:
        """Mail comes in crowds: who was let in a moment ago is let in without another look."""
        return self._answers.knows(address) and not self._influx.is_full(address)

    def recipient(self, address: str, principal: Principal | None) -> None:
        """Only ours, and only what is there and has room."""
        self._influx.check(address)
        self._answers.get(address, lambda: self._check(address))

    def _check(self, address: str) -> None:
        destination = self._resolve_ours(address)
        if isinstance(destination, Many):
            listing.check_outside(destination)
            if command_of(address):
                raise Fault(Kind.DENIED, "Moderators sign in.")
        if self._fullness is not None and isinstance(destination, Local):
            self._fullness.check(destination.account)

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Inbound:
        """Into the queue as it is, once it has passed its checks."""
        return self._arriving(new_id(), envelope, origin)

    def soon(self, origin: Origin) -> Callable[[Envelope, Origin, bytes, Done], None] | None:
        """Where no check waits for anything."""
        return self._take if self._inspection is None or self._inspection.is_quick(origin) else None

    def _take(self, envelope: Envelope, origin: Origin, data: bytes, done: Done) -> None:
        name = new_id()
        arrival = self._arriving(name, envelope, origin)
        arrival.write(data)
        source: Source = arrival.whole()
        if self._inspection is not None:
            origin, final = self._inspected(self._inspection, name, envelope, origin, source)
            source = final.finish()
        self._desk.accept_soon(name, envelope, origin, source, done)

    def _arriving(self, name: str, envelope: Envelope, origin: Origin) -> Arrival:
        if envelope.sender and any(is_rewritten(each.address) for each in envelope.recipients):
            raise Fault(Kind.DENIED, "This address takes reports only.")
        if self._inspection is None:
            return self._arrival(name, envelope, origin, self._desk.accept)
        self._inspection.admit(envelope, origin)
        self._desk.space.check()
        hand_over = partial(self._accept, self._inspection, name, envelope, origin)
        return Arrival(self._desk.queue.incoming(), b"", None, hand_over, self.max_size, inspected=True)

    def _accept(
        self, inspection: Inspection, name: str, envelope: Envelope, origin: Origin, source: Source
    ) -> Delivered:
        judged, final = self._inspected(inspection, name, envelope, origin, source)
        try:
            return self._desk.accept(name, envelope, judged, final.finish())
        finally:
            final.discard()

    def _inspected(
        self, inspection: Inspection, name: str, envelope: Envelope, origin: Origin, source: Source
    ) -> tuple[Origin, Incoming]:
        """Written anew: what the checks found stands in front, what only claims to stand for them is gone."""
        view = source.view()
        found = inspection.inspect(envelope, origin, view)
        if inspection.is_outside(origin):
            self._influx.add(each.address for each in envelope.recipients)
        final = self._desk.queue.incoming()
        final.write(self._desk.trace(envelope, origin, name) + found.prefix + found.fields)
        for at in range(found.rest, len(view), _BLOCK):
            final.write(bytes(view[at : at + _BLOCK]))
        return msgspec.structs.replace(origin, verdict=found.verdict), final


class _Submitter:
    """See `submit.Sender`."""

    def __init__(self, access: Access, principal: Principal) -> None:
        self._access = access
        self._principal = principal
        self.address = principal.account.address

    def may_send_as(self, address: str) -> bool:
        """Own addresses, those of posts held, and of those who allow it."""
        return self._access.may_send_as(self._principal, address)

    def may_send_on_behalf(self, address: str) -> bool:
        """Of those who allow only that."""
        return self._access.may_send_on_behalf(self._principal, address)


class SubmissionGate(_Gate):
    """Mail from people of ours, under their own names or those they were given, to anywhere, and not to too many."""

    def __init__(
        self, desk: Desk, access: Access, pace: Pace, alarm: Alarm, inspection: Inspection | None = None
    ) -> None:
        """Without `inspection` nothing is looked for in what they send."""
        super().__init__(desk)
        self._inspection = inspection
        self._access = access
        self._pace = pace
        self._alarm = alarm

    def sender(self, address: str, principal: Principal | None) -> None:
        """P23: own addresses and those of posts held now, or of somebody one writes for, who then hears of bounces.

        The null reverse-path is for receipts (RFC 8098 2.1).
        """
        self._desk.space.check()
        sender = _Submitter(self._access, _signed_in(principal))
        if address and not (sender.may_send_as(address) or sender.may_send_on_behalf(address)):
            raise Fault(Kind.DENIED, f"You may not send as {address}.")

    def recipient(self, address: str, principal: Principal | None) -> None:
        """Anywhere; those of ours must exist, and lists say who may send to them."""
        signed_in = _signed_in(principal)
        destination = resolve(self._directory, address)
        if isinstance(destination, Many):
            listing.check_inside(destination, signed_in, self._access)
            if command_of(address):
                self._check_moderator(destination, signed_in)

    def _check_moderator(self, many: Many, signed_in: Principal) -> None:
        mine = {signed_in.person.id, signed_in.account.id, *(post.id for post in self._access.posts(signed_in))}
        if mine.isdisjoint(owners(self._directory, many)):
            raise Fault(Kind.DENIED, "Only the moderators of this list may say so.")

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Inbound:
        """Into the queue, once its header names nobody but those the sender may write for."""
        signed_in = _signed_in(principal)
        mark = self._desk.settings.contractor_mark if signed_in.person.contractor else ""
        sender = _Submitter(self._access, signed_in)
        revise = partial(submit.revise, host=self._desk.host, sender=sender, mark=mark)
        return self._arrival(new_id(), envelope, origin, partial(self._accept, signed_in), revise)

    def _accept(self, principal: Principal, id: str, envelope: Envelope, origin: Origin, source: Source) -> Delivered:
        """Held, when this person has written to too many within the hour; postmaster hears of it."""
        if self._inspection is not None:
            self._inspection.screen(envelope, origin, source.view())
        held, first = self._pace.count(principal.person.id, len(envelope.recipients))
        delivered = self._desk.accept(id, envelope, origin, source, held=held)
        self._alarm.submitted(principal, origin, envelope, id, held=held)
        if first:
            self._alarm.ring(principal, self._pace.limit)
        return delivered


class LmtpGate(_Gate):
    """Mail from programs of this machine, each recipient answered for: mailboxes at once, the rest by the queue."""

    def __init__(self, desk: Desk, local: LocalDelivery) -> None:
        super().__init__(desk)
        self._local = local

    def sender(self, address: str, principal: Principal | None) -> None:
        """Anybody."""
        self._desk.space.check()

    def recipient(self, address: str, principal: Principal | None) -> None:
        """Only ours: LMTP is no relay (RFC 2033 3)."""
        self._resolve_ours(address)

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Inbound:
        """Each recipient gets what became of it."""
        return self._arrival(new_id(), envelope, origin, self._deliver)

    def _deliver(self, id: str, envelope: Envelope, origin: Origin, source: Source) -> Delivered:
        letter = Letter(id, source, clock.timestamp(), sender=envelope.sender, origin=origin)
        faults: list[Fault | None] = [None] * len(envelope.recipients)
        drops: dict[int, Drop] = {}
        later: list[Recipient] = []
        for number, recipient in enumerate(envelope.recipients):
            try:
                destination = resolve(self._directory, recipient.address, self._desk.back)
            except Fault as fault:
                faults[number] = fault
                continue
            if isinstance(destination, Local):
                address = qualify(self._directory, recipient.address)
                drops[number] = Drop(letter, destination.account, address, destination.detail)
            else:
                later.append(recipient)
        for number, outcome in zip(drops, self._local.deliver(list(drops.values())), strict=True):
            faults[number] = _fault(outcome)
            self._tell(id, envelope.recipients[number].address, drops[number], outcome)
        if not later:
            self._desk.note(accepted(id, Accept(envelope, origin, source)))
        else:
            rest = Envelope(
                envelope.sender, tuple(later), envelope.body, envelope.smtputf8, envelope.ret, envelope.envid
            )
            self._desk.accept(id, rest, origin, source)
        return Delivered(id, tuple(faults))

    def _tell(self, id: str, address: str, drop: Drop, outcome: Outcome) -> None:
        """Who gave it keeps what we did not take: it has failed, as far as we are concerned."""
        status = Status.DELIVERED if outcome.status is Status.DELIVERED else Status.FAILED
        entry = Settled(id, 0, status, outcome.reply)
        self._desk.note(told.settled(id, address, drop.account.address, outcome, entry))


def _signed_in(principal: Principal | None) -> Principal:
    if principal is None:
        raise Fault(Kind.DENIED, "Sign in first.")
    return principal


def _fault(outcome: Outcome) -> Fault | None:
    """Back to what LMTP answers with."""
    if outcome.status is Status.DELIVERED:
        return None
    if outcome.enhanced == "5.7.1":
        return Fault(Kind.DENIED, outcome.text)
    if outcome.enhanced.endswith(".2.2"):
        return Fault(Kind.OVER_QUOTA, outcome.text)
    return Fault(Kind.TRY_LATER if outcome.status is Status.WAITING else Kind.UNSUPPORTED, outcome.text)
