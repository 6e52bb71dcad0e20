"""People: added, edited, given a password."""

from datetime import datetime

import msgspec

from odcore import clock
from odcore.directory.address import check_new, fold
from odcore.directory.admin import Admin
from odcore.directory.entries import CONTRACTOR, PERSON_CLASSES, address_values, flag, language_values
from odcore.directory.filters import child
from odcore.directory.model import Person
from odcore.directory.photo import drawn_anew
from odcore.directory.record import format_instant, format_moment
from odcore.errors import Fault, Kind
from odcore.identity.passwords import hash_password, unusable


class AddPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A new person. Without addresses: uid@default domain. Without a password nobody can sign in yet."""

    uid: str
    given_name: str = ""
    family_name: str
    name: str = ""
    addresses: tuple[str, ...] = ()
    names: dict[str, str] = {}
    office: str = ""
    title: str = ""
    mobile: str = ""
    language: str = ""
    employee_number: str = ""
    quota: int = 0
    expires: datetime | None = None
    contractor: bool = False
    telephone: str = ""
    home_phone: str = ""
    unlisted: bool = False
    password: str = ""
    reserved: bool = False

    def __repr__(self) -> str:
        return f"AddPerson(uid={self.uid!r})"


class EditPerson(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays; "" removes. `expires` is generalized time or ""."""

    given_name: str | None = None
    family_name: str | None = None
    name: str | None = None
    addresses: tuple[str, ...] | None = None
    names: dict[str, str] | None = None
    office: str | None = None
    title: str | None = None
    mobile: str | None = None
    language: str | None = None
    employee_number: str | None = None
    quota: int | None = None
    expires: str | None = None
    contractor: bool | None = None
    telephone: str | None = None
    home_phone: str | None = None
    unlisted: bool | None = None
    reserved: bool = False


_ATTRIBUTES = {
    "given_name": "givenName",
    "family_name": "sn",
    "title": "title",
    "mobile": "mobile",
    "telephone": "telephoneNumber",
    "home_phone": "homePhone",
    "language": "preferredLanguage",
    "employee_number": "employeeNumber",
    "expires": "odmailExpires",
}


def add_person(admin: Admin, wanted: AddPerson, locked: str = "") -> Person:
    """Faults EXISTS (uid or address taken), BAD_REQUEST, DENIED (a reserved name), NOT_FOUND (the office).

    `locked` is what `unusable` gave, for those who add many people: hashing would take longer than all the rest.
    """
    domain = admin.directory.default_domain()
    if not domain:
        raise Fault(Kind.NOT_FOUND, "Add a domain first: odmail domain add NAME")
    uid = check_new(f"{wanted.uid}@{domain}", wanted.reserved).rpartition("@")[0]
    addresses = admin.free_addresses(wanted.addresses or (f"{uid}@{domain}",), reserved=wanted.reserved)
    name = wanted.name or f"{wanted.given_name} {wanted.family_name}".strip()
    values = {
        "uid": [uid],
        "cn": [name],
        "displayName": [name],
        "sn": [wanted.family_name],
        "givenName": _some(wanted.given_name),
        "title": _some(wanted.title),
        "mobile": _some(wanted.mobile),
        "telephoneNumber": _some(wanted.telephone),
        "homePhone": _some(wanted.home_phone),
        "odmailUnlisted": flag(wanted.unlisted),
        "preferredLanguage": _some(wanted.language),
        "employeeNumber": _some(wanted.employee_number),
        "employeeType": _some(CONTRACTOR if wanted.contractor else ""),
        "odmailQuota": _some(str(wanted.quota or "")),
        "odmailExpires": [format_instant(wanted.expires)] if wanted.expires else [],
        "odmailOfficeId": admin.office_values(wanted.office),
        "userPassword": [hash_password(wanted.password) if wanted.password else locked or unusable()],
    }
    dn = child("uid", uid, admin.branch("people"))
    admin.link.add(dn, PERSON_CLASSES, values | address_values(addresses) | language_values("cn", wanted.names))
    return admin.added("person-added", lambda: admin.directory.person(uid), uid=uid, address=addresses[0])


def edit_person(admin: Admin, person: Person, wanted: EditPerson) -> Person:
    """Faults as `add_person`."""
    values: dict[str, list[str]] = {}
    for field, attribute in _ATTRIBUTES.items():
        if (value := getattr(wanted, field)) is not None:
            values[attribute] = _some(value)
    if wanted.name is not None:
        values["cn"] = values["displayName"] = [wanted.name]
    if wanted.names is not None:
        values |= language_values("cn", wanted.names)
    if wanted.addresses is not None:
        values |= address_values(admin.free_addresses(wanted.addresses, person.id, wanted.reserved))
    if wanted.office is not None:
        values["odmailOfficeId"] = admin.office_values(wanted.office)
    if wanted.contractor is not None:
        values["employeeType"] = _some(CONTRACTOR if wanted.contractor else "")
    if wanted.unlisted is not None:
        values["odmailUnlisted"] = flag(wanted.unlisted)
    if wanted.quota is not None:
        values["odmailQuota"] = _some(str(wanted.quota or ""))
    _edit(admin, person, values, "person-edited")
    return admin.directory.person(person.id)


def set_password(admin: Admin, person: Person, password: str) -> None:
    """The directory password; sessions that rest on the old one end. Fault BAD_REQUEST when it breaks the rules."""
    if fold(password) in (fold(person.uid), *map(fold, person.addresses)):
        raise Fault(Kind.BAD_REQUEST, "The password must not be the person's own name.")
    values = {"userPassword": [hash_password(password)], "odmailPasswordSet": [format_moment(clock.now())]}
    _edit(admin, person, values, "person-password-set")


def set_photo(admin: Admin, person: Person, octets: bytes) -> None:
    """What the directory book shows, from a JPEG or PNG; nothing removes it. Faults of `drawn_anew`."""
    admin.link.modify(person.dn, {"jpegPhoto": [drawn_anew(octets)] if octets else []})
    event = "person-photo-set" if octets else "person-photo-removed"
    admin.changed(event, person.id)


def _edit(admin: Admin, person: Person, values: dict[str, list[str]], event: str) -> None:
    if values:
        admin.link.modify(person.dn, values)
        admin.changed(event, person.id, fields=" ".join(sorted(values)))


def _some(value: str) -> list[str]:
    return [value] if value else []
