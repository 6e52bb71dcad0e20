"""Where mail for an address goes: aliases and lists unfolded, '+detail' split off, each destination once."""

import structlog

from odcore import clock
from odcore.directory import address, entries
from odcore.directory.lookup import ALIAS, GROUP, PERSON, POST, Lookup, shown
from odcore.directory.model import AccountKind, AccountRef, Local, Outside, Person, Post, Resolved, State
from odcore.directory.record import Record
from odcore.errors import Fault, Kind

log = structlog.get_logger()

_DEEPEST = 10


def person_account(person: Person) -> AccountRef:
    """A person's own mailbox."""
    return AccountRef(person.id, AccountKind.PERSON, _primary(person.addresses), person.name, person.quota)


def post_account(post: Post) -> AccountRef:
    """A post's mailbox."""
    return AccountRef(post.id, AccountKind.POST, _primary(post.addresses), post.title, post.quota)


def is_active(person: Person) -> bool:
    """Neither disabled nor retired."""
    return person.state is State.ACTIVE and (person.expires is None or clock.now() < person.expires)


def holder_of(record: Record) -> Person | Post:
    """Whose mailbox belongs to an entry. NOT_FOUND when none does."""
    if record.has_class(PERSON):
        return entries.person(record)
    if record.has_class(POST):
        return entries.post(record)
    raise Fault(Kind.NOT_FOUND, "That entry has no mailbox.")


def account_of(holder: Person | Post) -> AccountRef:
    """The mailbox of a person or post. DENIED when it is disabled."""
    if isinstance(holder, Person):
        account, active = person_account(holder), is_active(holder)
    else:
        account, active = post_account(holder), holder.state is State.ACTIVE
    if not active:
        raise Fault(Kind.DENIED, f"{account.address} is disabled.")
    return account


class Unfolding:
    """One address on its way to its mailboxes."""

    def __init__(self, lookup: Lookup, ours: frozenset[str]) -> None:
        self._lookup = lookup
        self._ours = ours
        self._seen: set[str] = set()
        self._local: dict[str, Local] = {}
        self._outside: dict[str, Outside] = {}
        self._group = ""
        self._owner = ""
        self._senders = "anybody"

    def run(self, recipient: str) -> Resolved:
        """NOT_FOUND when it leads nowhere."""
        self._follow(recipient, 0)
        if not self._local and not self._outside:
            raise Fault(Kind.NOT_FOUND, f"There is no mailbox {shown(recipient)}.")
        return Resolved(
            tuple(self._local.values()), tuple(self._outside.values()), self._group, self._owner, self._senders
        )

    def _follow(self, recipient: str, depth: int) -> None:
        local, _, domain = recipient.rpartition("@")
        try:
            ours = address.domain_key(domain) in self._ours
        except Fault:
            ours = False  # an address literal, say
        if not ours:
            self._outside.setdefault(address.fold(recipient), Outside(recipient))
            return
        try:
            record, detail = self._find(local, domain)
        except Fault as fault:
            if fault.kind is Kind.TRY_LATER:
                raise
            log.info("address_leads_nowhere", address=shown(recipient), depth=depth)
            return
        self._enter(record, recipient, detail, depth)

    def _find(self, local: str, domain: str) -> tuple[Record, str]:
        try:
            return self._lookup.by_address(f"{local}@{domain}"), ""
        except Fault as fault:
            before, plus, detail = local.partition("+")
            if fault.kind is not Kind.NOT_FOUND or not plus or not before:
                raise
            return self._lookup.by_address(f"{before}@{domain}"), detail

    def _enter(self, record: Record, recipient: str, detail: str, depth: int) -> None:
        if record.id in self._seen or depth > _DEEPEST:
            return
        self._seen.add(record.id)
        if record.has_class(GROUP) or record.has_class(ALIAS):
            if entries.state(record) is State.ACTIVE:
                self._unfold(record, recipient, depth + 1)
            return
        try:
            account = account_of(holder_of(record))
        except Fault:
            return  # disabled: for a sender it does not exist
        self._local[account.id] = Local(recipient or account.address, account, detail)

    def _unfold(self, record: Record, recipient: str, depth: int) -> None:
        if record.has_class(ALIAS):
            for target in record.texts("odmailTarget"):
                self._follow(target, depth)
            return
        if not self._group:
            self._group, self._owner = recipient, self._owner_of(record)
            self._senders = record.text("odmailSenders") or "anybody"
        for member in self._lookup.by_names(record.texts("member")):
            self._enter(member, "", "", depth)
        for outside in record.texts("odmailOutside"):
            self._follow(outside, depth)

    def _owner_of(self, group: Record) -> str:
        """The owner's address; "" for none, or one who gets no mail."""
        for record in self._lookup.by_names(group.texts("owner")):
            try:
                return account_of(holder_of(record)).address
            except Fault:
                continue
        return ""


def _primary(addresses: tuple[str, ...]) -> str:
    return addresses[0] if addresses else ""
