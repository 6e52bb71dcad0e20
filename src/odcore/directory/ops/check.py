"""Whether the directory is consistent, whoever wrote it."""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from odcore import clock
from odcore.directory import entries
from odcore.directory.address import RESERVED, normalize
from odcore.directory.admin import Admin
from odcore.directory.filters import dn_key
from odcore.directory.lookup import ALIAS, DEVICE, GROUP, MAIL_CLASSES, OFFICE, PERSON, POST
from odcore.directory.record import Record
from odcore.errors import Fault, Kind


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it should be."""

    entry: str  # DN, or a domain's name
    problem: str
    serious: bool = True  # False: worth knowing, nothing fails


def check(admin: Admin) -> list[Finding]:
    """Everything there is to say, by entry. Reads the whole directory."""
    tree = _Tree(admin)
    found = [
        *_domains(tree),
        *_addresses(tree),
        *_offices(tree),
        *_posts(tree),
        *_groups(tree),
        *_aliases(tree),
        *_devices(tree),
        *_services(tree),
    ]
    return sorted(found, key=lambda finding: (not finding.serious, finding.entry))


class _Tree:
    """All entries, read once."""

    def __init__(self, admin: Admin) -> None:
        self.admin = admin
        directory = admin.directory
        directory.changed(frozenset())
        self.domains = {domain.name for domain in directory.domains()}
        self.defaults = [domain.name for domain in directory.domains() if domain.default]
        classes = (*MAIL_CLASSES, OFFICE, DEVICE)
        self.by_class = {name: directory.lookup.all(name) for name in classes}
        self.by_id = {record.id: record for records in self.by_class.values() for record in records}
        self.names = {dn_key(record.dn) for record in self.by_id.values()}
        self.owners: dict[str, list[Record]] = defaultdict(list)
        for name in MAIL_CLASSES:
            for record in self.by_class[name]:
                for address in entries.addresses(record):
                    self.owners[_key(address)].append(record)


def _domains(tree: _Tree) -> Iterator[Finding]:
    if len(tree.defaults) != 1:
        yield Finding("domains", f"{len(tree.defaults)} default domains, there must be one")
    for domain in sorted(tree.domains):
        if f"postmaster@{domain}" not in tree.owners:  # RFC 5321 4.5.1
            yield Finding(domain, f"nobody reads postmaster@{domain}", serious=False)


def _addresses(tree: _Tree) -> Iterator[Finding]:
    for address, owners in tree.owners.items():
        for record in owners:
            if not address:
                yield Finding(record.dn, "has an address that is none")
            elif address.rpartition("@")[2] not in tree.domains:
                yield Finding(record.dn, f"{address} is not in a domain of ours")
            elif len({owner.id for owner in owners}) > 1:
                yield Finding(record.dn, f"{address} belongs to {len(owners)} entries: mail to it waits")
            elif address.partition("@")[0] in RESERVED and record.has_class(PERSON):
                yield Finding(record.dn, f"{address} is a reserved name, held by a person", serious=False)
    for name in (PERSON, POST, GROUP):
        for record in tree.by_class[name]:
            if not entries.addresses(record):
                yield Finding(record.dn, "has no address")


def _offices(tree: _Tree) -> Iterator[Finding]:
    for record in tree.by_id.values():
        office = record.text("odmailOfficeId").lower()
        if office and (office not in tree.by_id or not tree.by_id[office].has_class(OFFICE)):
            yield Finding(record.dn, f"belongs to an office that is not there: {office}")


def _posts(tree: _Tree) -> Iterator[Finding]:
    now = clock.now()
    for record in tree.by_class[POST]:
        post = entries.post(record)
        if len(post.charges) != len(record.texts("odmailCharge")):
            yield Finding(record.dn, "has a charge that cannot be understood")
        for charge in post.charges:
            if charge.person not in tree.by_id:
                open_end = charge.end is None or charge.end > now
                yield Finding(record.dn, f"a charge names a person who is not there: {charge.person}", open_end)
        holders = post.holders(now)
        if not holders and not post.calendar_user:
            yield Finding(record.dn, "is vacant", serious=False)
        wanted = {dn_key(tree.by_id[holder].dn) for holder in holders if holder in tree.by_id}
        if wanted != {dn_key(dn) for dn in record.texts("roleOccupant")}:
            yield Finding(record.dn, "roleOccupant is not who holds the post now", serious=False)
        if set(record.texts("odmailHolder")) != {charge.person for charge in post.charges}:
            yield Finding(record.dn, "odmailHolder does not name those in odmailCharge")


def _groups(tree: _Tree) -> Iterator[Finding]:
    for record in tree.by_class[GROUP]:
        members = [dn for dn in record.texts("member") if dn_key(dn) != dn_key(record.dn)]
        for dn in members:
            if dn_key(dn) not in tree.names:
                yield Finding(record.dn, f"a member is not there: {dn}")
        if not members and not record.texts("odmailOutside"):
            yield Finding(record.dn, "has no members", serious=False)


def _aliases(tree: _Tree) -> Iterator[Finding]:
    for record in tree.by_class[ALIAS]:
        for target in record.texts("odmailTarget"):
            try:
                tree.admin.directory.resolve(target)
            except Fault as fault:
                if fault.kind is Kind.TRY_LATER:
                    raise
                yield Finding(record.dn, f"leads to {target}, where nobody is")


def _devices(tree: _Tree) -> Iterator[Finding]:
    for record in tree.by_class[DEVICE]:
        device = entries.device(record)
        if device.owner not in tree.by_id or not record.dn.lower().endswith(tree.by_id[device.owner].dn.lower()):
            yield Finding(record.dn, "is not below its owner")
        if device.account not in tree.by_id:
            yield Finding(record.dn, "opens an account that is not there", serious=False)


def _services(tree: _Tree) -> Iterator[Finding]:
    nobody = tree.admin.link.nobody
    if tree.admin.link.read(nobody, ("cn",)) is None:
        yield Finding(nobody, "is missing: an unknown login is told from a wrong password by its time")


def _key(address: str) -> str:
    try:
        return normalize(address)
    except Fault:
        return ""
