"""The queue worker: lease, resolve, deliver, settle. It waits for hints, and looks by itself now and then.

Everything here blocks and runs in a thread of its own; several threads may run the same pipeline. A message that
resolves to many (a list) goes back into the queue once, as a message to each, so that one member's full mailbox
concerns nobody else.
"""

from collections.abc import Callable, Iterable, Sequence
from threading import Event

import msgspec
import structlog

from odcore import clock
from odcore.blob.api import Source
from odcore.blob.incoming import File, Memory
from odcore.directory.api import Directory
from odcore.directory.model import Local, Outside
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odmail.delivery import bounce, listing
from odmail.delivery.calendars import Invitations
from odmail.delivery.local import Drop, Letter, LocalDelivery
from odmail.delivery.moderation import Moderation, command_of, waits
from odmail.delivery.outcomes import delivered, failed, refused
from odmail.delivery.outgoing import Spool
from odmail.delivery.ports import Outcome
from odmail.delivery.remote import Going, RemoteDelivery
from odmail.delivery.resolve import Back, Many, qualify, resolve
from odmail.delivery.settlement import Result, Settlement
from odmail.message.header import MAX_BLOCK
from odmail.queue.api import Accept, Leased
from odmail.queue.model import Envelope, QueuedRecipient, Recipient, Status
from odmail.reports.intake import LARGEST_MESSAGE, Intake, is_for_reports

log = structlog.get_logger()

BATCH = 250
"""Messages leased at a time: enough to share commits, few enough to be fair."""

_FETCHED = BATCH // 2
"""Of these, those that found no room before: however much comes in, they move on, and so does what comes in."""

_BREATH = 0.15
"""Seconds from one round to the next in a crowd: those for one mailbox share a commit. A lone message goes at once."""

_LULL = 0.03
"""Seconds without a hint after which a crowd is over: in a crowd every process gives one every 20 ms."""

_PAUSE = 1.0
"""Seconds until the queue is looked at without a hint: retries become due, and hints may be lost."""

_QUIET = 0.1
"""Seconds without mail before anything else is done: what comes in a stream has small gaps."""

_DAY = 24 * 3600.0


class Fanout(msgspec.Struct, frozen=True):
    """A recipient that is many."""

    leased: Leased
    recipient: QueuedRecipient
    many: Many


class Stop(msgspec.Struct):
    """One mailbox, and the recipients of one message that lead there: it gets one copy."""

    leased: Leased
    drop: Drop
    recipients: list[QueuedRecipient]


class Sorted(msgspec.Struct):
    """Where the recipients of a batch go."""

    stops: dict[tuple[str, AccountId], Stop] = {}
    going: list[Going] = []
    lists: list[Fanout] = []
    refused: list[Result] = []


class Pipeline:
    """The worker of one node."""

    def __init__(
        self,
        queue: Spool,
        directory: Directory,
        local: LocalDelivery,
        remote: RemoteDelivery,
        settlement: Settlement,
        idle: Callable[[], bool],
        back: Back | None = None,
        intake: Intake | None = None,
        invitations: Invitations | None = None,
        moderation: Moderation | None = None,
    ) -> None:
        """`idle` does one small piece of what can wait until no mail is due, and says whether there is more."""
        self._invitations = invitations
        self._moderation = moderation
        self._queue = queue
        self._directory = directory
        self._local = local
        self._remote = remote
        self._settlement = settlement
        self._idle = idle
        self._back = back
        self._intake = intake
        self._hint = Event()
        self._stopping = False
        self._full = False  # was there as much as a round takes?
        self._sweep_at = 0.0

    def wake(self) -> None:
        """There may be work: `QueueWork` came over the bus. From any thread."""
        self._hint.set()

    def stop(self) -> None:
        """Let `run` return after the round it is in. From any thread."""
        self._stopping = True
        self._hint.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping:
            self._hint.clear()
            begun = clock.monotonic()
            if self._guarded(self._work):
                self._breathe(begun)
            elif not self._hint.wait(_QUIET):
                self._rest()

    def recover(self) -> None:
        """Before the first `run`: what a worker that died had leased is due again."""
        count = self._queue.recover()
        if count:
            log.info("recovered", recipients=count)

    def round(self) -> bool:
        """One batch; False when nothing is due. What found no room before comes first, as far as there is some now."""
        self._settlement.settle(())
        self._remote.resume(_FETCHED if self._full else BATCH)
        leased = self._queue.lease(BATCH, clock.timestamp())
        self._full = len(leased) >= BATCH
        if not leased:
            return False
        found = self._sort(leased)
        self._remote.send(found.going)
        self._settlement.settle([*found.refused, *self._expand(found.lists), *self._deliver(found.stops.values())])
        return True

    def _work(self) -> bool:
        """A round, and once a day a sweep."""
        if clock.monotonic() >= self._sweep_at:
            self._sweep_at = clock.monotonic() + _DAY
            self._queue.sweep()
            if self._moderation is not None:
                self._moderation.expire()
        return self.round()

    def _rest(self) -> None:
        """What can wait, until a hint comes or the pause is over."""
        end = clock.monotonic() + _PAUSE
        while not self._hint.is_set() and clock.monotonic() < end and self._guarded(self._idle):
            pass
        self._hint.wait(max(0.0, end - clock.monotonic()))

    def _breathe(self, begun: float) -> None:
        """Not when there is more than a round can take."""
        while not self._full and not self._stopping and (rest := begun + _BREATH - clock.monotonic()) > 0:
            if not self._hint.wait(min(rest, _LULL)):
                return
            self._hint.clear()

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """A failure costs a pause, never the worker."""
        try:
            return work()
        except Fault as fault:
            log.error("queue_failed", reason=fault.text)
        except Exception:
            log.exception("queue_worker_failed")
        return False

    def _sort(self, leased: Sequence[Leased]) -> Sorted:
        found = Sorted({}, [], [], [])
        for each in leased:
            letter = _letter(each)
            if letter is None:  # deleted by an administrator meanwhile
                continue
            for recipient in each.due:
                self._place(found, each, letter, recipient)
        return found

    def _place(self, found: Sorted, leased: Leased, letter: Letter, recipient: QueuedRecipient) -> None:
        address = recipient.recipient.address
        try:
            destination = resolve(self._directory, address, self._back)
        except Fault as fault:
            found.refused.append(Result(leased, recipient, refused(fault)))
            return
        if self._intake is not None and is_for_reports(address):
            self._report(self._intake, leased)
        if isinstance(destination, Local):
            drop = Drop(letter, destination.account, qualify(self._directory, address), destination.detail)
            stop = found.stops.setdefault((leased.message.id, destination.account.id), Stop(leased, drop, []))
            stop.recipients.append(recipient)
        elif isinstance(destination, Outside):
            same = destination.address.lower() == address.lower()
            held = msgspec.structs.replace(leased, octets=None)  # it may wait long, and many others with it
            found.going.append(Going(held, recipient, address if same else destination.address))
        elif leased.message.origin.via:
            result = failed("5.4.6", f"{address} is a member of a list and a list itself")
            found.refused.append(Result(leased, recipient, result))
        elif outcome := self._moderated(leased, address, destination):
            found.refused.append(Result(leased, recipient, outcome))
        else:
            found.lists.append(Fanout(leased, recipient, destination))

    def _moderated(self, leased: Leased, address: str, many: Many) -> Outcome | None:
        """A moderator's word, or a message that has to wait for it; None: it may pass."""
        command = command_of(address)
        if self._moderation is None or not many.is_list:
            return None
        if command and leased.message.origin.person:
            return self._moderation.obey(command, leased.message.origin)
        return self._moderation.ask(leased, many) if waits(self._directory, many, leased.message) else None

    def _report(self, intake: Intake, leased: Leased) -> None:
        """Read by us before it is delivered to people: a second attempt to deliver finds it known."""
        if leased.body.size <= LARGEST_MESSAGE:
            intake.take(leased.message.id, leased.body.read(), leased.message.origin.verdict)

    def _deliver(self, stops: Iterable[Stop]) -> list[Result]:
        """Into mailboxes: one outcome for all recipients that led to the same one."""
        work = list(stops)
        outcomes = self._local.deliver([stop.drop for stop in work])
        for stop, outcome in zip(work, outcomes, strict=True):
            if self._invitations is not None and outcome.status is Status.DELIVERED:
                self._invitations.note(stop.drop, stop.leased.message.origin)
        return [
            Result(stop.leased, recipient, outcome, led_to=stop.drop.account.address)
            for stop, outcome in zip(work, outcomes, strict=True)
            for recipient in stop.recipients
        ]

    def _expand(self, lists: Iterable[Fanout]) -> list[Result]:
        return [Result(each.leased, each.recipient, self._requeue(each), bounce.EXPANDED) for each in lists]

    def _requeue(self, fanout: Fanout) -> Outcome:
        """The same message once more, for the members."""
        message = fanout.leased.message
        addresses = fanout.many.addresses()
        envelope = _members_envelope(message.envelope, fanout.recipient.recipient, fanout.many.owner, addresses)
        leave = listing.name_of(fanout.many) if fanout.many.is_list else ""
        origin = msgspec.structs.replace(message.origin, via=fanout.many.name, leave=leave)
        if listing.has_passed(fanout.leased.body.read(0, MAX_BLOCK), fanout.many):
            return failed("5.4.6", f"the message was sent to the list {fanout.many.name} before")
        try:
            with listing.marked(fanout.many, _source(fanout.leased), self._queue) as source:
                made = self._queue.accept(Accept(envelope, origin, source, parent=message.id))
        except Fault as fault:
            return refused(fault)
        return msgspec.structs.replace(delivered(f"sent to {len(addresses)} members"), why=f"as {made}")


def _members_envelope(envelope: Envelope, given: Recipient, owner: str, addresses: Sequence[str]) -> Envelope:
    """Failures only are reported (RFC 3461 5.2.7): to the list's owner, if it has one, else to the sender.

    What the sender wished to hear is no wish of the owner's. A message from nobody stays one: it may be a report.
    """
    if owner and envelope.sender:
        recipients = tuple(map(Recipient, addresses))
        return msgspec.structs.replace(envelope, sender=owner, recipients=recipients, ret="HDRS", envid="")
    notify = tuple(word for word in given.notify if word != "SUCCESS")
    return msgspec.structs.replace(envelope, recipients=tuple(Recipient(each, notify) for each in addresses))


def _letter(leased: Leased) -> Letter | None:
    try:
        message = leased.message
        envelope, origin = message.envelope, message.origin
        source, tls = _source(leased), envelope.requiretls
        return Letter(message.id, source, message.begun, origin.verdict, envelope.sender, requiretls=tls, origin=origin)
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            return None
        raise


def _source(leased: Leased) -> Source:
    """A large body's file bears its digest as its name."""
    if leased.path is not None:
        return File(leased.path, leased.path.rpartition("/")[2], leased.body.size)
    return Memory(leased.body.read() if leased.octets is None else leased.octets)
