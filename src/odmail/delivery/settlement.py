"""What follows from an outcome: the message leaves, is tried again, or goes back.  RFC 3461 5, RFC 5321 4.5.4.1"""

from collections.abc import Iterable, Sequence
from threading import Lock

import msgspec
import structlog

from odcore import clock
from odcore.blob.incoming import Memory
from odcore.directory.api import Directory
from odcore.errors import Fault
from odmail.delivery import bounce, told
from odmail.delivery.bounce import Action, Report, Told
from odmail.delivery.languages import words_for
from odmail.delivery.outcomes import BUSY, failed
from odmail.delivery.ports import Outcome
from odmail.delivery.resolve import default_domain
from odmail.history.model import Note, nothing
from odmail.queue.api import Accept, Leased, Queue, Settled
from odmail.queue.model import Envelope, Origin, Queued, QueuedRecipient, Recipient, Status
from odmail.queue.schedule import is_late, is_over, next_attempt
from odmail.queue.settings import QueueSettings

log = structlog.get_logger()

_BUSY_PAUSE = 300
"""Seconds after which it comes by itself; `odmail.delivery.parking` fetches it as soon as there is room."""


class Result(msgspec.Struct, frozen=True):
    """One recipient's outcome."""

    leased: Leased
    recipient: QueuedRecipient
    outcome: Outcome
    success: Action = bounce.DELIVERED  # what DELIVERED is called in a report
    led_to: str = ""  # where an alias or post led


class Settlement:
    """Settles results with the queue, reports first: a crash in between reports twice rather than never.

    What the queue cannot take now (a full disk) is kept and tried again with what follows.
    """

    def __init__(
        self, host: str, settings: QueueSettings, queue: Queue, directory: Directory, note: Note = nothing
    ) -> None:
        """`note` is told of each outcome."""
        self._note = note
        self._host = host
        self._directory = directory
        self._settings = settings
        self._queue = queue
        self._lock = Lock()
        self._kept: list[Result] = []

    def settle(self, results: Iterable[Result]) -> None:
        """Never fails."""
        with self._lock:
            todo, self._kept = [*self._kept, *results], []
        if not todo:
            return
        try:
            self._write(todo)
        except Fault as fault:
            log.error("not_settled", count=len(todo), reason=fault.text)
            with self._lock:
                self._kept += todo

    def give_back(self, id: str, reason: str) -> int:
        """Fail whoever has not got it yet, by an administrator's hand, with reports; how many recipients.

        Held first, so that no worker takes it up meanwhile; a conversation under way may deliver it all the same.
        """
        self._queue.hold([id])
        message = self._queue.show(id)
        held = tuple(each for each in message.recipients if each.status is Status.HELD)
        self.refuse(message, held, reason)
        return len(held)

    def refuse(
        self, message: Queued, recipients: Sequence[QueuedRecipient], reason: str, *, quiet: bool = False
    ) -> None:
        """These do not get it; when `quiet`, nobody is told."""
        if quiet:
            recipients = [_silenced(each) for each in recipients]
        leased = Leased(message, tuple(recipients), self._queue.read(message.id), path=None)
        self._write([Result(leased, each, failed("5.7.0", reason)) for each in recipients])

    def _write(self, results: Sequence[Result]) -> None:
        now = clock.timestamp()
        settled: list[Settled] = []
        reports: dict[tuple[str, str], tuple[Leased, Action, list[Told]]] = {}
        for result in results:
            each, action = self._judge(result, now)
            settled.append(each)
            if action is not None and _wanted(result, action):
                key = (each.id, action.name)
                report = reports.setdefault(key, (result.leased, action, []))
                report[2].append(Told(result.recipient.recipient, result.outcome))
        for leased, action, concerned in reports.values():
            self._report(leased, action, concerned)
        self._queue.settle(settled)
        self._tell(results, settled)

    def _tell(self, results: Sequence[Result], settled: Sequence[Settled]) -> None:
        for result, each in zip(results, settled, strict=True):
            if each.tried:
                address = result.recipient.recipient.address
                self._note(told.settled(each.id, address, result.led_to, result.outcome, each))

    def _judge(self, result: Result, now: int) -> tuple[Settled, Action | None]:
        """What the queue is told, and what the sender may want to know."""
        message, recipient, outcome = result.leased.message, result.recipient, result.outcome
        facts = {"id": message.id, "recipient": recipient.recipient.address, "reply": outcome.reply}
        plain = Settled(message.id, recipient.number, outcome.status, outcome.reply)
        if outcome is BUSY:
            return msgspec.structs.replace(plain, due=now + _BUSY_PAUSE, tried=False), None
        if outcome.status is Status.HELD:
            return plain, None
        if outcome.status is Status.DELIVERED:
            return plain, None if outcome.dsn else result.success
        if outcome.status is Status.FAILED or is_over(message.begun, now, self._settings.lifetime):
            log.warning("failed", **facts)
            return msgspec.structs.replace(plain, status=Status.FAILED), bounce.FAILED
        due = next_attempt(recipient.attempts + 1, now)
        log.info("deferred", **facts, due=due)
        late = not recipient.notified and is_late(message.begun, now, self._settings.delay_notice)
        deferral = msgspec.structs.replace(plain, due=due, notified=late)
        return deferral, bounce.DELAYED if late else None

    def _report(self, leased: Leased, action: Action, concerned: list[Told]) -> None:
        """Into the queue, with the null reverse-path, so that no report is ever reported on (RFC 3464 2)."""
        message = leased.message
        until = message.begun + round(self._settings.lifetime) if action is bounce.DELAYED else 0
        try:
            words = words_for(self._directory, message.envelope.sender)
            octets = bounce.compose(self._host, self._domain(), words, leased, Report(action, concerned, until))
        except Fault as fault:  # deleted by an administrator meanwhile
            log.warning("not_reported", id=message.id, reason=fault.text)
            return
        recipient = Recipient(message.envelope.sender, notify=("NEVER",))
        asked = message.envelope
        envelope = Envelope("", (recipient,), "8BITMIME", asked.smtputf8, requiretls=asked.requiretls)  # RFC 8689 5
        report = self._queue.accept(Accept(envelope, Origin("local"), Memory(octets), parent=message.id))
        log.info("reported", id=message.id, report=report, action=action.name, count=len(concerned))
        self._note(told.reported(message.id, report, action.name, len(concerned)))

    def _domain(self) -> str:
        """Reports come from the domain that people know, and that we sign for."""
        try:
            return default_domain(self._directory) or self._host
        except Fault:  # the directory is away
            return self._host


def _silenced(recipient: QueuedRecipient) -> QueuedRecipient:
    never = msgspec.structs.replace(recipient.recipient, notify=("NEVER",))
    return msgspec.structs.replace(recipient, recipient=never)


def _wanted(result: Result, action: Action) -> bool:
    """RFC 3461 4.1: failures and delays unless told otherwise, success only when asked for. A16: never to nobody."""
    if not result.leased.message.envelope.sender:
        return False
    notify = result.recipient.recipient.notify
    if action is bounce.FAILED:
        return not notify or "FAILURE" in notify
    if action is bounce.DELAYED:
        return not notify or "DELAY" in notify
    return "SUCCESS" in notify
