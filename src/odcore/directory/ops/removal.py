"""Deleting entries; never one that others still lean on."""

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.entries import addresses
from odcore.directory.entries import post as post_of
from odcore.directory.filters import equal
from odcore.directory.lookup import ALIAS, DEVICE, GROUP, MAIL_CLASSES, OFFICE, PERSON, POST
from odcore.directory.model import Alias, Domain, Group, Office, Person, Post
from odcore.errors import Fault, Kind

Entry = Person | Post | Office | Group | Alias | Domain


def delete(admin: Admin, entry: Entry) -> None:
    """Gone from the directory; a mailbox stays on disk under its id until it is erased. Fault IN_USE."""
    if isinstance(entry, Person):
        _refuse_holder(admin, entry)
        for device in admin.directory.lookup.below(entry.dn, DEVICE):
            admin.link.delete(device.dn)
    elif isinstance(entry, Office):
        _refuse_office(admin, entry)
    elif isinstance(entry, Domain):
        _refuse_domain(admin, entry)
    _refuse_target(admin, entry)
    _leave_groups(admin, entry)
    admin.link.delete(entry.dn)
    admin.changed(f"{type(entry).__name__.lower()}-deleted", entry.id, name=entry.dn)


def _refuse_holder(admin: Admin, person: Person) -> None:
    """A charge that lasts or is still to come names its person."""
    now = clock.now()
    posts = map(post_of, admin.directory.lookup.all(POST, "", equal("odmailHolder", person.id)))
    open_ended = [
        post.cn
        for post in posts
        if any(each.person == person.id and (each.end is None or each.end > now) for each in post.charges)
    ]
    if open_ended:
        raise Fault(Kind.IN_USE, f"{person.uid} has charge of {', '.join(open_ended)}: hand over first.")


def _refuse_office(admin: Admin, office: Office) -> None:
    condition = equal("odmailOfficeId", office.id)
    if any(admin.directory.lookup.all(name, "", condition) for name in (PERSON, POST, OFFICE)):
        raise Fault(Kind.IN_USE, f"{office.ou} still has people, posts or offices.")


def _refuse_domain(admin: Admin, domain: Domain) -> None:
    if domain.default:
        raise Fault(Kind.IN_USE, f"{domain.name} is the default domain: make another the default first.")
    ending = "@" + domain.name
    owners = (record for name in MAIL_CLASSES for record in admin.directory.lookup.all(name, ending))
    if any(address.lower().endswith(ending) for record in owners for address in addresses(record)):
        raise Fault(Kind.IN_USE, f"There are still addresses in {domain.name}.")


def _refuse_target(admin: Admin, entry: Entry) -> None:
    if not isinstance(entry, Person | Post | Group):
        return
    for alias in (alias for address in entry.addresses for alias in _leading_to(admin, address)):
        raise Fault(Kind.IN_USE, f"The alias {alias} leads there: delete it or let it lead elsewhere first.")


def _leading_to(admin: Admin, address: str) -> list[str]:
    found = admin.directory.lookup.all(ALIAS, "", equal("odmailTarget", address))
    return [record.text("cn") for record in found]


def _leave_groups(admin: Admin, entry: Entry) -> None:
    """No list keeps the name of what is gone."""
    for record in admin.directory.lookup.all(GROUP, "", equal("member", entry.dn)):
        if record.dn == entry.dn:
            continue
        rest = [dn for dn in record.texts("member") if dn != entry.dn]
        admin.link.modify(record.dn, {"member": rest or [record.dn]})
