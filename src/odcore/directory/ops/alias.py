"""Aliases: one more address for something that exists, or for an address outside."""

from collections.abc import Iterable

import msgspec

from odcore.directory.address import normalize
from odcore.directory.admin import Admin
from odcore.directory.entries import ALIAS_CLASSES, address_values
from odcore.directory.filters import child
from odcore.directory.model import Alias
from odcore.errors import Fault, Kind


class AddAlias(msgspec.Struct, frozen=True, kw_only=True):
    """`address` leads to each of `targets`."""

    address: str
    targets: tuple[str, ...]
    reserved: bool = False


def add_alias(admin: Admin, wanted: AddAlias) -> Alias:
    """Faults EXISTS, BAD_REQUEST, DENIED (a reserved name), NOT_FOUND (a target of ours that is not there)."""
    [address] = admin.free_addresses([wanted.address], reserved=wanted.reserved)
    values = {"cn": [address], "odmailTarget": _targets(admin, wanted.targets)}
    admin.link.add(child("cn", address, admin.branch("aliases")), ALIAS_CLASSES, values | address_values([address]))
    targets = " ".join(values["odmailTarget"])
    return admin.added("alias-added", lambda: admin.directory.alias(address), address=address, targets=targets)


def edit_alias(admin: Admin, alias: Alias, targets: Iterable[str]) -> Alias:
    """Let it lead elsewhere."""
    values = {"odmailTarget": _targets(admin, targets)}
    admin.link.modify(alias.dn, values)
    admin.changed("alias-edited", alias.id, targets=" ".join(values["odmailTarget"]))
    return admin.directory.alias(alias.id)


def _targets(admin: Admin, targets: Iterable[str]) -> list[str]:
    keys = list(dict.fromkeys(map(normalize, targets)))
    if not keys:
        raise Fault(Kind.BAD_REQUEST, "An alias needs a target.")
    for key in keys:
        admin.directory.resolve(key)
    return keys
