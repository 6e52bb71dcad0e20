"""What scripts want of one message, as places in the account, letters to send and marks to remember.  RFC 5228 2.10"""

from hashlib import blake2b

import msgspec

from odcore import clock
from odcore.blob.incoming import Memory
from odcore.directory.api import Directory
from odmail.delivery import replies
from odmail.delivery.former import Rule
from odmail.delivery.judged import Judged, judge
from odmail.delivery.languages import words_for
from odmail.delivery.local import Drop, Letter
from odmail.delivery.owner import Owner, owner_of
from odmail.delivery.programs import Chosen
from odmail.delivery.remote_client import remote_client
from odmail.delivery.resolve import default_domain
from odmail.delivery.world import World
from odmail.mailbox.api import NewMessage
from odmail.mailbox.model import INBOX, Flag, SpecialUse
from odmail.mailbox.scripts import Filed, Mark, Sorted
from odmail.message.parse import parse
from odmail.sieve.actions import REDIRECTED, Filing, Notify, Redirect, Reject, Vacation
from odmail.sieve.actions import Outcome as Wanted
from odmail.sieve.extensions.core import plain
from odmail.sieve.house import Envelope
from odmail.sieve.interpreter import interpret
from odmail.sieve.mail import Fields, Mail

MOST_REDIRECTED = 8
"""Redirects a message may have behind it; what comes in a circle is kept."""

_DAY = 24 * 3600
_FLAGS = {f"\\{flag.name}".lower(): flag for flag in Flag}


class Sent(msgspec.Struct, frozen=True):
    """A redirect, and the key under which it is remembered while the message itself waits."""

    address: str
    key: str


class Plan(msgspec.Struct):
    """What is to be done with one message. `did` says it in words, for the log; where it came to, the account says."""

    drop: Drop
    messages: list[Sorted] = []
    marks: list[Mark] = []
    redirects: list[Sent] = []
    letters: list[tuple[tuple[str, ...], bytes]] = []
    did: list[str] = []
    edited: bytes | None = None
    reason: str = ""  # of a refusal
    error: str = ""


class Sorter:
    """Makes the plans of one batch for one account."""

    def __init__(self, host: str, directory: Directory, world: World, junk_score: float) -> None:
        self._host = host
        self._directory = directory
        self._junk_score = junk_score
        self._world = world
        self._owner: Owner | None = None

    def sort(self, drop: Drop, folder: str, chosen: Chosen) -> tuple[Plan, float]:
        """The plan, and the processor time its scripts took."""
        letter, judged = drop.letter, self._judged(drop)
        mail = Mail(letter.source.view(), letter.parsed.part)
        client = remote_client(letter.origin, letter.verdict)
        envelope = Envelope(letter.sender, drop.address, judged.spam, judged.virus, client.host, client.ip)
        wanted = interpret(chosen.scripts, mail, envelope, self._world)
        if wanted.error:
            return self.kept(drop, folder, chosen, wanted.error), wanted.cpu
        plan = Plan(drop, edited=wanted.edited)
        places: list[Filed] = []
        for action in wanted.actions:
            if isinstance(action, Filing):
                places.append(self._filed(action))
            elif isinstance(action, Redirect):
                self._redirect(plan, mail.fields, action, places, folder)
            elif isinstance(action, Vacation):
                self._vacation(plan, mail.fields, action)
            elif isinstance(action, Notify):
                self._notify(plan, mail.fields, action)
            else:
                self._reject(plan, action)
        self._keep(plan, wanted, folder, places)
        self._remember(plan, wanted)
        return plan, wanted.cpu

    def besides(self, plan: Plan, folder: str, rule: Rule) -> None:
        """What the house wants done of a message that a script neither refused nor answered."""
        if plan.reason or plan.error or "answered" in plan.did:
            return
        fields = Mail(plan.drop.letter.source.view(), plan.drop.letter.parsed.part).fields
        for action in rule(fields, plan.drop.letter.sender):
            if isinstance(action, Vacation):
                self._vacation(plan, fields, action)
            elif not self._judged(plan.drop).junk:
                self._redirect(plan, fields, action, [], folder)

    def kept(self, drop: Drop, folder: str, chosen: Chosen, error: str) -> Plan:
        """Scripts that fail lose nothing: the message is kept, and once a day their owner hears of it."""
        plan = Plan(drop, error=error)
        place = self._usual(drop, folder, Filing())
        self._file(plan, drop.letter.copy_for(drop.address), [place])
        key = _key("error", str(chosen.version), error)
        if not self._world.is_duplicate(key):
            self._mark(plan, key, _DAY)
            name = next((each.name for each in chosen.scripts if not each.name.startswith("site:")), "")
            subject = replies.subject_of(Mail(drop.letter.source.view(), drop.letter.parsed.part).fields)
            domain = default_domain(self._directory) or self._host
            to = self.owner(drop).address
            words = words_for(self._directory, to)
            octets = replies.complaint(self._host, domain, to, words, replies.Flaw(name, error, subject))
            self._file(plan, _new(octets), [Filed(INBOX)])
        return plan

    def _judged(self, drop: Drop) -> Judged:
        return judge(drop.verdict, self._junk_score)

    def owner(self, drop: Drop) -> Owner:
        """Whose account it is."""
        if self._owner is None:
            self._owner = owner_of(self._directory, drop.account)
        return self._owner

    # Into the account.

    def _keep(self, plan: Plan, wanted: Wanted, folder: str, places: list[Filed]) -> None:
        if wanted.keep is not None:
            places.append(self._usual(plan.drop, folder, wanted.keep, explicit=not wanted.implicit))
        if places:
            message = self._copy(plan.drop, plan.edited)
            self._file(plan, message, places)
        elif not plan.did:
            plan.did.append("discarded")

    def _usual(self, drop: Drop, folder: str, keep: Filing, *, explicit: bool = False) -> Filed:
        """Where mail goes when no script says otherwise: Junk for what the checks took for it."""
        flags, words = _split(keep.flags)
        if self._judged(drop).junk and not explicit:
            return Filed(INBOX, flags, words, special_use=SpecialUse.JUNK)
        return Filed(folder, flags, words)

    def _filed(self, filing: Filing) -> Filed:
        flags, words = _split(filing.flags)
        return Filed(filing.mailbox, flags, words, filing.create, filing.special_use, filing.mailbox_id)

    def _file(self, plan: Plan, message: NewMessage, places: list[Filed]) -> None:
        plan.messages.append(Sorted(message, tuple(places)))

    def _copy(self, drop: Drop, edited: bytes | None) -> NewMessage:
        if edited is None:
            return drop.letter.copy_for(drop.address)
        letter = drop.letter
        octets = edited + bytes(letter.source.view()[letter.parsed.header_size :])
        return Letter(letter.id, Memory(octets), letter.received).copy_for(drop.address)

    # To others.

    def _redirect(self, plan: Plan, fields: Fields, action: Redirect, places: list[Filed], folder: str) -> None:
        passed = [each.text.lower() for each in fields.named(REDIRECTED)]
        if plan.drop.address.lower() in passed or len(passed) >= MOST_REDIRECTED:
            plan.did.append(f"not redirected to {action.address}: it goes around in a circle")
            places.append(self._usual(plan.drop, folder, Filing()))
            return
        key = _key("redirect", plan.drop.letter.id, plan.drop.address, action.address)
        plan.redirects.append(Sent(action.address, key))
        plan.did.append(f"redirected to {action.address}")

    def _reject(self, plan: Plan, action: Reject) -> None:
        """RFC 5429 2.1.1: who surely did not send it gets no report: that would be backscatter."""
        if self._judged(plan.drop).answerable and plan.drop.letter.sender:
            plan.reason = " ".join(action.reason.split())
            plan.did.append("rejected")
        else:
            plan.did.append("rejected, but not reported: nobody knows who sent it")

    def _vacation(self, plan: Plan, fields: Fields, action: Vacation) -> None:
        sender, owner = plan.drop.letter.sender, self.owner(plan.drop)
        why = self._why_not(plan.drop, fields, owner, action.addresses)
        key = _key("vacation", sender.lower(), action.handle or _identity(action))
        if not why and self._world.is_duplicate(key):
            why = "that was answered before"
        if why:
            plan.did.append(f"not answered: {why}")
            return
        own = plain(action.sender) if plain(action.sender).lower() in owner.all else owner.address
        self._send(plan, (sender,), self._answer(plan.drop, own, owner.name, fields, action), action.fcc)
        self._mark(plan, key, action.seconds)
        plan.did.append("answered")

    def _answer(self, drop: Drop, own: str, name: str, fields: Fields, action: Vacation) -> bytes:
        return replies.vacation(self._host, own, name, drop.letter.sender, fields, action)

    def _why_not(self, drop: Drop, fields: Fields, owner: Owner, more: tuple[str, ...]) -> str:
        """RFC 5230 4.5, 4.6"""
        if self._judged(drop).junk:
            return "it is junk"
        if drop.letter.sender.lower() in owner.all:
            return "it is from its recipient"
        why = replies.answerable(fields, drop.letter.sender)
        if not why and not replies.is_addressed(fields, (*owner.all, *more)):
            why = "it names its recipient nowhere"
        return why

    def _notify(self, plan: Plan, fields: Fields, action: Notify) -> None:
        if any(each.text.lower().startswith("auto-notified") for each in fields.named("auto-submitted")):
            plan.did.append("not notified: it is a notice itself")  # RFC 5436 2.7.2
            return
        owner = self.owner(plan.drop)
        made = replies.notice(self._host, owner.address, owner.name, fields, action)
        if made is not None:
            self._send(plan, made[0], made[1], action.fcc)
            plan.did.append(f"notified {', '.join(made[0])}")

    def _send(self, plan: Plan, to: tuple[str, ...], octets: bytes, copy: Filing | None) -> None:
        plan.letters.append((to, octets))
        if copy is not None:
            self._file(plan, _new(octets), [self._filed(copy)])

    # To be remembered.

    def _remember(self, plan: Plan, wanted: Wanted) -> None:
        for each in wanted.remember:
            self._mark(plan, each.key, each.seconds)

    def _mark(self, plan: Plan, key: str, seconds: int) -> None:
        self._world.pending.add(key)
        plan.marks.append(Mark(key, clock.timestamp() + seconds))


def _new(octets: bytes) -> NewMessage:
    return NewMessage(Memory(octets), parse(octets), flags=0)


def _split(flags: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """System flags as their bits, keywords as they are."""
    bits = 0
    for flag in flags:
        bits |= _FLAGS.get(flag.lower(), 0)
    return bits, tuple(flag for flag in flags if not flag.startswith("\\"))


def _identity(action: Vacation) -> str:
    """Without a handle, the same words are the same answer.  RFC 5230 4.2"""
    return repr((action.subject, action.sender, action.addresses, action.mime, action.reason))


def _key(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
