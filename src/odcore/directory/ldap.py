"""The Directory port, over LDAP (RFC 4511): lookups cached until something changes."""

from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from odcore.directory import entries
from odcore.directory.address import domain_key, fold, normalize
from odcore.directory.cache import Cache
from odcore.directory.connection import Link
from odcore.directory.filters import at_least, at_most, child, equal, some
from odcore.directory.lookup import ALIAS, DEVICE, DOMAIN, GROUP, OFFICE, PERSON, POST, Lookup, is_id, shown
from odcore.directory.model import (
    AccountRef,
    Alias,
    DevicePassword,
    Domain,
    Group,
    Office,
    Person,
    Post,
    Resolved,
    State,
)
from odcore.directory.parsed import Parsed
from odcore.directory.record import Record, format_instant
from odcore.directory.resolve import Unfolding, account_of, holder_of, is_active
from odcore.errors import Fault, Kind
from odcore.ids import AccountId

log = structlog.get_logger()


class LdapDirectory:
    """See `odcore.directory.api.Directory`."""

    def __init__(self, link: Link) -> None:
        self._cache = Cache()
        self.lookup = Lookup(link, self._cache)
        self._people = Parsed(entries.person)
        self._holders = Parsed(holder_of)
        self._listeners: list[Callable[[frozenset[AccountId]], None]] = []

    def domains(self) -> tuple[Domain, ...]:
        def ask() -> tuple[Domain, ...]:
            found = (entries.domain(record) for record in self.lookup.all(DOMAIN))
            return tuple(sorted(found, key=lambda domain: (not domain.default, domain.name)))

        return self._cache.get("domains", ask)

    def default_domain(self) -> str:
        """What a bare login belongs to; "" before there is a domain."""
        domains = self.domains()
        return domains[0].name if domains else ""

    def is_ours(self, domain: str) -> bool:
        try:
            return domain_key(domain) in self._ours()
        except Fault as fault:
            if fault.kind is Kind.BAD_REQUEST:
                return False
            raise

    def resolve(self, address: str) -> Resolved:
        return self._cache.get(("resolve", address), lambda: Unfolding(self.lookup, self._ours()).run(address))

    def account(self, account: AccountId) -> AccountRef:
        return account_of(self._holders.of(self.lookup.by_id(account)))

    def person(self, key: str) -> Person:
        return self._people.of(self._find(key, PERSON, "uid"))

    def post(self, key: str) -> Post:
        return entries.post(self._find(key, POST, "cn"))

    def office(self, key: str) -> Office:
        return entries.office(self._find(key, OFFICE, "ou"))

    def group(self, key: str) -> Group:
        return self._group(self._find(key, GROUP, "cn"))

    def alias(self, key: str) -> Alias:
        return entries.alias(self._find(key, ALIAS, "cn"))

    def domain(self, key: str) -> Domain:
        """By id or name."""
        return entries.domain(self._find(key if is_id(key) else _lenient(domain_key, key), DOMAIN, "dc"))

    def posts_held(self, person: AccountId, instant: datetime) -> tuple[Post, ...]:
        def ask() -> list[Post]:
            found = self.lookup.all(POST, "", equal("odmailHolder", person))
            return sorted(map(entries.post, found), key=lambda post: post.addresses[:1])

        posts = self._cache.get(("holder", person), ask)
        return tuple(post for post in posts if post.state is State.ACTIVE and person in post.holders(instant))

    def groups_of(self, account: AccountId) -> frozenset[AccountId]:
        return self._cache.get(("groups", account), lambda: self._groups_of(account))

    def _groups_of(self, account: AccountId) -> frozenset[AccountId]:
        """One search for each level of groups in groups; a group is asked for once, so circles end."""
        found: dict[str, AccountId] = {}
        names = [self.lookup.by_id(account).dn]
        while names:
            around = self.lookup.all(GROUP, "", some(*(equal("member", dn) for dn in names)))
            fresh = [each for each in around if each.dn not in found and entries.state(each) is State.ACTIVE]
            found |= {each.dn: AccountId(each.id) for each in fresh}
            names = [each.dn for each in fresh]
        return frozenset(found.values())

    def people(self, text: str = "") -> list[Person]:
        return sorted(map(entries.person, self.lookup.all(PERSON, text)), key=lambda person: person.uid)

    def photo(self, person: Person) -> bytes:
        """A JPEG; b"" for none. Asked afresh."""
        return self.lookup.octets(person.dn, "jpegPhoto")

    def members_of(self, offices: Iterable[str]) -> list[Person | Post]:
        """People and posts of these offices, people first, by their short names."""
        found = self.lookup.having((PERSON, POST), {"odmailOfficeId": offices})
        people = [entries.person(each) for each in found if each.has_class(PERSON)]
        posts = [entries.post(each) for each in found if each.has_class(POST)]
        return [*sorted(people, key=lambda each: each.uid), *sorted(posts, key=lambda each: each.cn)]

    def expiring(self, since: datetime, until: datetime) -> list[Person]:
        """People who retire, or whose contract ends, between the two instants, the first first."""
        between = at_least("odmailExpires", format_instant(since)), at_most("odmailExpires", format_instant(until))
        found = [entries.person(record) for record in self.lookup.all(PERSON, "", *between)]
        dated = [(person.expires, person.uid, person) for person in found if person.expires is not None]
        return [person for _at, _uid, person in sorted(dated, key=lambda each: each[:2])]

    def find(self, text: str, most: int) -> list[Person | Post]:
        records = self.lookup.some_of((PERSON, POST), text, most)
        people = [entries.person(each) for each in records if each.has_class(PERSON)]
        posts = [entries.post(each) for each in records if each.has_class(POST)]
        return [*filter(is_active, people), *(post for post in posts if post.state is State.ACTIVE)]

    def posts(self, text: str = "") -> list[Post]:
        return sorted(map(entries.post, self.lookup.all(POST, text)), key=lambda post: post.cn)

    def offices(self, text: str = "") -> list[Office]:
        return sorted(map(entries.office, self.lookup.all(OFFICE, text)), key=lambda office: office.ou)

    def groups(self, text: str = "") -> list[Group]:
        return sorted(map(self._group, self.lookup.all(GROUP, text)), key=lambda group: group.cn)

    def aliases(self, text: str = "") -> list[Alias]:
        return sorted(map(entries.alias, self.lookup.all(ALIAS, text)), key=lambda alias: alias.address)

    def device_passwords(self, person: AccountId) -> list[DevicePassword]:
        found = self.lookup.below(self.lookup.by_id(person).dn, DEVICE)
        return sorted(map(entries.device, found), key=lambda device: device.created)

    def device_password(self, person: Person, name: str) -> DevicePassword:
        """The one whose secret begins with `name`."""
        record = self.lookup.by_name(child("cn", name, person.dn))
        if not record.has_class(DEVICE):
            raise Fault(Kind.NOT_FOUND, "There is no such device password.")
        return entries.device(record)

    def token(self, name: str) -> tuple[DevicePassword, str]:
        """The token with this id, and the digest of its secret."""
        record = self.lookup.token(name)
        return entries.device(record), record.text("odmailDigest")

    def on_change(self, call: Callable[[frozenset[AccountId]], None]) -> None:
        self._listeners.append(call)

    def changed(self, changed: frozenset[AccountId]) -> None:
        """Forget what was looked up and tell those who listen. Never blocks, never fails."""
        self._cache.drop()
        for call in self._listeners:
            try:
                call(changed)
            except Exception:
                log.exception("change_listener_failed")

    def _ours(self) -> frozenset[str]:
        return frozenset(domain.name for domain in self.domains())

    def _find(self, key: str, object_class: str, attribute: str) -> Record:
        """By id, by name, by address, by the local part of an address in the default domain."""
        if is_id(key.lower()):
            record = self.lookup.by_id(key.lower())
        elif "@" in key:
            record = self.lookup.by_address(_lenient(normalize, key))
        else:
            record = self._named(key, object_class, attribute)
        if not record.has_class(object_class):
            raise Fault(Kind.NOT_FOUND, f"The directory does not know {shown(key)}.")
        return record

    def _named(self, key: str, object_class: str, attribute: str) -> Record:
        key = fold(key.strip(" \t"))
        try:
            return self.lookup.by_attribute(object_class, attribute, key)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND or object_class in (OFFICE, DOMAIN) or not self.default_domain():
                raise
            return self.lookup.by_address(_lenient(normalize, f"{key}@{self.default_domain()}"))

    def _group(self, record: Record) -> Group:
        members = self.lookup.by_names(dn for dn in record.texts("member") if dn != record.dn)
        return Group(
            id=AccountId(record.id),
            dn=record.dn,
            cn=record.text("cn"),
            name=record.text("displayName") or record.text("cn"),
            addresses=entries.addresses(record),
            members=tuple(AccountId(member.id) for member in members),
            outside=record.texts("odmailOutside"),
            state=entries.state(record),
            owner=next((AccountId(each.id) for each in self.lookup.by_names(record.texts("owner"))), None),
            senders=record.text("odmailSenders") or "anybody",
            unlisted=entries.is_unlisted(record),
        )


def _lenient(normal: Callable[[str], str], key: str) -> str:
    """What has not even the form of a name is a name that nobody has."""
    try:
        return normal(key)
    except Fault as fault:
        raise Fault(Kind.NOT_FOUND, f"The directory does not know {shown(key)}.") from fault
