"""Moderated lists: a post waits until the list's owner lets it through, by mail or by command, or a week is over.

The owner (a person, or a post, whose holders are then the moderators) gets the post with two addresses: a message to
one lets it through, to the other sends it back. They are obeyed only when somebody who signed in as, or for, the owner
submits to them, so nothing secret is in them, and no machine's answer from elsewhere does anything.
"""

import re
from collections.abc import Callable

import msgspec
import structlog

from odcore import clock
from odcore.audit.api import Recorder
from odcore.directory.api import Directory
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odmail.delivery.languages import words_for
from odmail.delivery.letters import Letters
from odmail.delivery.listing import MODERATED, name_of
from odmail.delivery.outcomes import delivered, failed, refused
from odmail.delivery.ports import Outcome
from odmail.delivery.resolve import Many, default_domain
from odmail.delivery.settlement import Settlement
from odmail.queue.api import Leased, Queue
from odmail.queue.model import Origin, Queued, QueuedRecipient, Status
from odmail.words import Say, _

log = structlog.get_logger()

WEEK = 7 * 86400

_SHOWN = 65_536
"""Octets of a post that its moderator gets to see; of a larger one only the header."""

_WAITS = "waits for the moderator of"
_COMMAND = re.compile(r"([^+@]+)\+(approve|reject)-([a-z2-9]{12})@([^@]+)", re.IGNORECASE)


class Command(msgspec.Struct, frozen=True):
    """What a moderator writes to."""

    list: str
    approves: bool
    id: str


def command_of(address: str) -> Command | None:
    """ "all+approve-abc@odisha.example" """
    found = _COMMAND.fullmatch(address)
    if found is None:
        return None
    return Command(f"{found[1]}@{found[4]}".lower(), found[2].lower() == "approve", found[3].lower())


def owners(directory: Directory, many: Many) -> set[AccountId]:
    """The accounts whose word counts; none where the list has no owner any more."""
    return {each.account.id for each in directory.resolve(many.owner).local} if many.owner else set()


def waits(directory: Directory, many: Many, message: Queued) -> bool:
    """Must it wait? Not what was let through, and not what the owner wrote."""
    if not many.is_list or many.senders != MODERATED or name_of(many) in message.envelope.approved:
        return False
    return not {message.origin.person, message.origin.account} & owners(directory, many)


class Moderation:
    """Asks, and does what is answered."""

    def __init__(
        self, directory: Directory, queue: Queue, settlement: Settlement, letters: Letters, record: Recorder
    ) -> None:
        self._directory = directory
        self._queue = queue
        self._settlement = settlement
        self._letters = letters
        self._record = record

    def ask(self, leased: Leased, many: Many) -> Outcome:
        """Held; the owner is written to, the postmaster where there is none."""
        to = many.owner or f"postmaster@{default_domain(self._directory)}"
        name = name_of(many)
        words = words_for(self._directory, to)
        text = words.each(lambda say: _text(say, name, leased.message))
        subject = words.first(_("A message to {list} waits for you")).format(list=name)
        try:
            self._letters.send(to, subject, text, words.tag, _seen(leased))
        except Fault as fault:
            return refused(fault)
        return Outcome(Status.HELD, 250, "2.0.0", f"{_WAITS} {name}")

    def held(self, name: str = "") -> list[Queued]:
        """Posts that wait, for one list or for all; oldest first."""
        found = self._queue.list(status=Status.HELD, most=1_000_000)
        return [message for message in found if _those(message, name)]

    def approve(self, id: str, name: str, actor: str) -> int:
        """Let it through; to how many lists. Fault NOT_FOUND."""
        return self._decide("approved", id, name, actor, lambda message, those: self._release(message, those))

    def reject(self, id: str, name: str, actor: str, reason: str = "") -> int:
        """Back to its sender, if we know that it is theirs; to how many lists it does not go. Fault NOT_FOUND."""
        text = f"not let through by the moderator{': ' + reason if reason else ''}"
        return self._decide("rejected", id, name, actor, lambda message, those: self._refuse(message, those, text))

    def obey(self, command: Command, origin: Origin) -> Outcome:
        """The gate made sure that who signed in may say so."""
        act = self.approve if command.approves else self.reject
        try:
            act(command.id, command.list, origin.person or "")
        except Fault as fault:
            return failed("5.7.0", fault.text)
        return delivered(f"{command.id} {'approved' if command.approves else 'rejected'}")

    def expire(self) -> int:
        """What nobody let through for a week, a daily duty; how many."""
        late = [each for each in self.held() if each.begun + WEEK < clock.timestamp()]
        for message in late:
            self._refuse(message, _those(message, ""), "no moderator let it through within a week")
            log.info("moderation_expired", id=message.id)
        return len(late)

    def _decide(
        self, what: str, id: str, name: str, actor: str, act: Callable[[Queued, tuple[QueuedRecipient, ...]], None]
    ) -> int:
        message = self._queue.show(id)
        those = _those(message, name.lower())
        if not those:
            raise Fault(
                Kind.NOT_FOUND, f"The message {id} does not wait for a moderator{' of ' + name if name else ''}."
            )
        act(message, those)
        self._record(f"post-{what}", actor, id, list=" ".join(map(_list_of, those)))
        return len(those)

    def _release(self, message: Queued, those: tuple[QueuedRecipient, ...]) -> None:
        self._queue.approve(message.id, tuple(map(_list_of, those)), [each.number for each in those])

    def _refuse(self, message: Queued, those: tuple[QueuedRecipient, ...], reason: str) -> None:
        """A16: a stranger's name may be forged, and its owner is told nothing."""
        self._settlement.refuse(message, those, reason, quiet=not _is_known(message))


def _is_known(message: Queued) -> bool:
    """Did who is named as the sender send it?"""
    verdict = message.origin.verdict
    spf = verdict.of("spf") if verdict else None
    return message.origin.person is not None or (spf is not None and spf.result == "pass")


def _those(message: Queued, name: str) -> tuple[QueuedRecipient, ...]:
    """Of a message's recipients, the lists ("" for any) that wait for their moderator."""
    held = (each for each in message.recipients if each.status is Status.HELD and _WAITS in each.last_reply)
    return tuple(each for each in held if not name or _list_of(each) == name)


def _list_of(recipient: QueuedRecipient) -> str:
    return recipient.last_reply.rpartition(" ")[2]


def _seen(leased: Leased) -> bytes:
    """What a moderator decides upon."""
    octets = leased.body.read(0, _SHOWN)
    return octets if leased.body.size <= _SHOWN else octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _text(say: Say, name: str, message: Queued) -> str:
    local, _at, domain = name.rpartition("@")
    wrote = say(_("{sender} has written to the list {list}."))
    to = f"{local}+{{}}-{message.id}@{domain}"
    return "\n".join(
        (
            wrote.format(sender=message.envelope.sender or "<>", list=name),
            say(_("Nobody gets the message before you let it through.")),
            "",
            say(_("To let it through, send any message to:")),
            "",
            f"    {to.format('approve')}",
            "",
            say(_("To send it back, write to:")),
            "",
            f"    {to.format('reject')}",
            "",
            say(_("What nobody decides upon goes back after seven days. The message is attached.")),
        )
    )
