"""Departments, districts, offices."""

import msgspec

from odcore.directory.admin import Admin
from odcore.directory.entries import OFFICE_CLASSES, language_values
from odcore.directory.filters import child
from odcore.directory.model import Office
from odcore.errors import Fault, Kind


class AddOffice(msgspec.Struct, frozen=True, kw_only=True):
    """A new office; `parent` is the ou or id of the one it is part of."""

    ou: str
    name: str
    names: dict[str, str] = {}
    parent: str = ""


class EditOffice(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays."""

    name: str | None = None
    names: dict[str, str] | None = None
    parent: str | None = None


def add_office(admin: Admin, wanted: AddOffice) -> Office:
    """Faults EXISTS, NOT_FOUND (the parent)."""
    dn = child("ou", wanted.ou, admin.branch("offices"))
    values = {"ou": [wanted.ou], "displayName": [wanted.name], "odmailOfficeId": admin.office_values(wanted.parent)}
    admin.link.add(dn, OFFICE_CLASSES, values | language_values("displayName", wanted.names))
    return admin.added("office-added", lambda: admin.directory.office(wanted.ou), ou=wanted.ou)


def edit_office(admin: Admin, office: Office, wanted: EditOffice) -> Office:
    """Fault CONFLICT when it would come to stand below itself."""
    values: dict[str, list[str]] = {}
    if wanted.name is not None:
        values["displayName"] = [wanted.name]
    if wanted.names is not None:
        values |= language_values("displayName", wanted.names)
    if wanted.parent is not None:
        _refuse_ring(admin, office, wanted.parent)
        values["odmailOfficeId"] = admin.office_values(wanted.parent)
    admin.link.modify(office.dn, values)
    admin.changed("office-edited", office.id, fields=" ".join(sorted(values)))
    return admin.directory.office(office.id)


def _refuse_ring(admin: Admin, office: Office, parent: str) -> None:
    above = admin.office(parent) if parent else None
    while above is not None:
        if above.id == office.id:
            raise Fault(Kind.CONFLICT, f"{office.ou} cannot be part of itself.")
        above = admin.office(above.parent) if above.parent else None
