"""Delivery into mailboxes: what goes to one account goes in one transaction, and a message is parsed once."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Protocol

import msgspec
import structlog

from odcore.blob.api import Source
from odcore.blob.incoming import Memory
from odcore.directory.model import AccountRef
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sharing.api import ANYONE
from odmail.delivery import told
from odmail.delivery.outcomes import deferred, delivered, refused
from odmail.delivery.ports import Outcome
from odmail.delivery.repeats import Recent, fingerprint
from odmail.delivery.trace import delivered_to
from odmail.filter.personal import Personal
from odmail.mailbox.api import Append, MailAccount, MailStore, NewMessage
from odmail.mailbox.model import INBOX, SpecialUse
from odmail.message.model import Parsed, Part
from odmail.message.parse import parse
from odmail.queue.model import Origin, Status
from odmail.queue.verdict import Verdict

log = structlog.get_logger()

_ACCOUNTS_AT_ONCE = 4
"""Accounts written to at one time: their fsyncs overlap, the rest is one processor's work anyway."""


_REPEATED = delivered("delivered a moment ago, when it was sent the first time")


class Letter:
    """A message to be delivered to any number of mailboxes, read and parsed when first needed."""

    __slots__ = ("_fingerprint", "_parsed", "id", "origin", "received", "requiretls", "sender", "source", "verdict")

    def __init__(
        self,
        id: str,
        source: Source,
        received: int,
        verdict: Verdict | None = None,
        sender: str = "",
        requiretls: bool = False,
        origin: Origin | None = None,
    ) -> None:
        """`sender` and `requiretls` are the envelope's; `origin` is who brought it, None for what we made ourselves."""
        self.origin = origin
        self.requiretls = requiretls
        self.id = id
        self.verdict = verdict
        self.received = received
        self.sender = sender
        self.source = source
        self._parsed: Parsed | None = None
        self._fingerprint: bytes | None = None

    @property
    def fingerprint(self) -> bytes:
        """What tells it from all other messages, also when it is sent once more."""
        if self._fingerprint is None:
            known = self.parsed.message_id
            self._fingerprint = fingerprint(self.source.view(), self.parsed.header_size) if known else self.id.encode()
        return self._fingerprint

    @property
    def parsed(self) -> Parsed:
        """What the store keeps of it."""
        if self._parsed is None:
            self._parsed = parse(self.source.view())
        return self._parsed

    def read(self, offset: int, length: int) -> bytes:
        """Some octets."""
        return bytes(self.source.view()[offset : offset + length])

    def copy_for(self, address: str) -> NewMessage:
        """Small ones say in their header for whom they are; large ones stay one file, linked by all who get it."""
        if self.source.path is not None:
            return NewMessage(source=self.source, parsed=self.parsed, received=self.received)
        prefix = delivered_to(address)
        octets = prefix + self.source.view()
        return NewMessage(source=Memory(octets), parsed=shifted(self.parsed, len(prefix)), received=self.received)


class Drop(msgspec.Struct, frozen=True):
    """One letter for one account."""

    letter: Letter
    account: AccountRef
    address: str  # under which it was reached
    detail: str = ""  # what stood after "+"
    verdict: Verdict | None = None  # the letter's, as this account's own experience has it

    @property
    def key(self) -> bytes:
        """The same for a letter that comes to the same place by the same envelope once more."""
        place = "\0".join((self.account.id, self.address, self.detail, self.letter.sender))
        return hashlib.sha256(place.encode() + b"\0" + self.letter.fingerprint).digest()


class Sorting(Protocol):
    """Scripts that say where mail goes: `odmail.delivery.filtering`."""

    def deliver(self, account: MailAccount, drops: Sequence[Drop]) -> list[Outcome] | None:
        """One outcome for each; None when there are no scripts."""


class LocalDelivery:
    """Puts letters into mailboxes."""

    def __init__(
        self,
        store: MailStore,
        default_quota: int = 0,
        sorting: Sorting | None = None,
        personal: Personal | None = None,
    ) -> None:
        """`personal` knows what is junk to an account; without it what is junk to all is."""
        self._store = store
        self._personal = personal
        self._sorting = sorting
        self._default_quota = default_quota
        self._quotas: dict[AccountId, int] = {}
        self._recent = Recent()
        self._pool = ThreadPoolExecutor(_ACCOUNTS_AT_ONCE, thread_name_prefix="deliver")

    def deliver(self, drops: Sequence[Drop]) -> list[Outcome]:
        """One outcome for each drop, in order."""
        order = sorted(range(len(drops)), key=lambda number: drops[number].account.id)
        batches = [list(batch) for _, batch in groupby(order, key=lambda number: drops[number].account.id)]
        outcomes: dict[int, Outcome] = {}
        work = [[drops[number] for number in batch] for batch in batches]
        for batch, results in zip(batches, self._run(work), strict=True):
            outcomes.update(zip(batch, results, strict=True))
        return [outcomes[number] for number in range(len(drops))]

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()

    def _run(self, work: list[list[Drop]]) -> list[list[Outcome]]:
        if len(work) == 1:
            return [self._deliver_to_account(work[0])]
        return list(self._pool.map(self._deliver_to_account, work))

    def _deliver_to_account(self, drops: list[Drop]) -> list[Outcome]:
        """A surprise with one letter (a bug) keeps no other from arriving."""
        try:
            return self._deliver_once(drops)
        except Exception:
            log.exception("delivery_failed", account=drops[0].account.id, ids=[drop.letter.id for drop in drops])
        if len(drops) == 1:
            return [deferred("4.3.0", "internal error")]
        return [outcome for drop in drops for outcome in self._deliver_to_account([drop])]

    def _deliver_once(self, drops: list[Drop]) -> list[Outcome]:
        """What was delivered a moment ago is there."""
        keys = [drop.key for drop in drops]
        new = {key: drop for key, drop in zip(keys, drops, strict=True) if key not in self._recent}
        outcomes = dict(zip(new, self._deliver_all(list(new.values())) if new else (), strict=True))
        self._recent.add(key for key, outcome in outcomes.items() if outcome.status is Status.DELIVERED)
        return [outcomes.get(key, _REPEATED) for key in keys]

    def _deliver_all(self, drops: list[Drop]) -> list[Outcome]:
        """All for one account; what cannot be opened concerns all of them."""
        try:
            account = self._open(drops[0].account)
            drops = [self._judged(drop) for drop in drops]
            if self._sorting is not None and (done := self._sorting.deliver(account, drops)) is not None:
                return done
            folders = [_folder(account, drop) for drop in drops]
        except Fault as fault:
            return [refused(fault)] * len(drops)
        outcomes: dict[int, Outcome] = {}
        for folder in dict.fromkeys(folders):
            numbers = [number for number, each in enumerate(folders) if each == folder]
            results = _append(account, folder, [drops[number] for number in numbers])
            outcomes.update(zip(numbers, results, strict=True))
        return [outcomes[number] for number in range(len(drops))]

    def _judged(self, drop: Drop) -> Drop:
        letter, verdict = drop.letter, drop.letter.verdict
        if verdict is None:
            return drop
        if self._personal is not None:
            verdict = self._personal.judge(drop.account.id, verdict, letter.parsed, letter.read)
        return msgspec.structs.replace(drop, verdict=verdict)

    def _open(self, account: AccountRef) -> MailAccount:
        limit = account.quota or self._default_quota
        if self._quotas.get(account.id) != limit:
            self._store.set_quota(account.id, limit)
            self._quotas[account.id] = limit
        return self._store.open(account.id)


def _append(account: MailAccount, folder: str, drops: list[Drop]) -> list[Outcome]:
    """In one transaction; where the quota does not take all, one by one, so that what fits gets in."""
    try:
        appended = account.append(Append(folder, [drop.letter.copy_for(drop.address) for drop in drops]))
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND and folder != INBOX:  # deleted meanwhile
            return _append(account, INBOX, drops)
        if len(drops) > 1:
            return [_append(account, folder, [drop])[0] for drop in drops]
        log.warning("not_delivered", id=drops[0].letter.id, account=account.id, reason=fault.text)
        return [refused(fault)]
    for drop, uid in zip(drops, appended.uids, strict=True):
        log.info("delivered", id=drop.letter.id, account=account.id, mailbox=folder, uid=uid)
    done = delivered(f"delivered to {folder}")
    return [msgspec.structs.replace(done, why=told.why(drop.verdict)) for drop in drops]


def _folder(account: MailAccount, drop: Drop) -> str:
    """Junk for what is unwanted; else where its detail leads."""
    if drop.verdict is not None and drop.verdict.junk:
        return _junk(account)
    return folder_of(account, drop.detail)


def folder_of(account: MailAccount, detail: str) -> str:
    """`anna+lists` goes to "lists", in whatever case, if it is there and takes mail."""
    if not detail:
        return INBOX
    wanted = detail.casefold()
    names = [mailbox.name for mailbox in account.mailboxes() if mailbox.selectable]
    name = next((name for name in names if name.casefold() == wanted), INBOX)
    return name if _may_post(account, name) else INBOX


def _junk(account: MailAccount) -> str:
    """By its special use, whatever it is called; INBOX where somebody deleted it."""
    boxes = account.mailboxes()
    return next((box.name for box in boxes if box.special_use is SpecialUse.JUNK and box.selectable), INBOX)


def _may_post(account: MailAccount, name: str) -> bool:
    """Strangers write the letter: only a right taken away from everybody can be told.  RFC 4314 2.1 (p)"""
    return not any(e.negative and e.subject == ANYONE and "p" in e.rights for e in account.acl(name))


def shifted(parsed: Parsed, octets: int) -> Parsed:
    """The same message with `octets` more at the beginning of its header."""
    part = _shifted_part(parsed.part, octets)
    return msgspec.structs.replace(
        parsed,
        size=parsed.size + octets,
        header_size=parsed.header_size + octets,
        part=msgspec.structs.replace(part, header_start=parsed.part.header_start),
    )


def _shifted_part(part: Part, octets: int) -> Part:
    return msgspec.structs.replace(
        part,
        header_start=part.header_start + octets,
        body_start=part.body_start + octets,
        end=part.end + octets,
        children=tuple(_shifted_part(child, octets) for child in part.children),
    )
