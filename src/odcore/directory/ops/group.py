"""Mailing lists (groupOfNames)."""

from collections.abc import Iterable

import msgspec

from odcore.directory.address import check_new, normalize
from odcore.directory.admin import Admin
from odcore.directory.entries import GROUP_CLASSES, address_values, flag
from odcore.directory.filters import child
from odcore.directory.lookup import GROUP, PERSON, POST
from odcore.directory.model import Group
from odcore.errors import Fault, Kind

SENDERS = ("anybody", "inside", "members", "moderated")
"""Who may send to a list."""


class AddGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A new list. Members are addresses or ids; those of other people's domains become outside members."""

    cn: str
    name: str = ""
    addresses: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    owner: str = ""  # a person or post
    senders: str = "anybody"  # or "inside", "members", "moderated" (by its owner)
    unlisted: bool = False
    reserved: bool = False


class EditGroup(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays; `join` and `leave` change single members."""

    name: str | None = None
    addresses: tuple[str, ...] | None = None
    join: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    owner: str | None = None  # "" for nobody
    senders: str | None = None
    unlisted: bool | None = None
    reserved: bool = False


def add_group(admin: Admin, wanted: AddGroup) -> Group:
    """Faults EXISTS, BAD_REQUEST, DENIED (a reserved name), NOT_FOUND (a member)."""
    domain = admin.directory.default_domain()
    cn = check_new(f"{wanted.cn}@{domain or 'invalid'}", wanted.reserved).rpartition("@")[0]
    addresses = admin.free_addresses(wanted.addresses or (f"{cn}@{domain}",), reserved=wanted.reserved)
    inside, outside = _members(admin, wanted.members)
    dn = child("cn", cn, admin.branch("groups"))
    values = {
        "cn": [cn],
        "displayName": [wanted.name or cn],
        "member": inside or [dn],  # groupOfNames must have one: an empty list has itself
        "odmailOutside": outside,
        "owner": _owner(admin, wanted.owner),
        "odmailSenders": _senders(wanted.senders),
        "odmailUnlisted": flag(wanted.unlisted),
    }
    admin.link.add(dn, GROUP_CLASSES, values | address_values(addresses))
    return admin.added("group-added", lambda: admin.directory.group(cn), cn=cn, address=addresses[0])


def edit_group(admin: Admin, group: Group, wanted: EditGroup) -> Group:
    """Faults as `add_group`."""
    values: dict[str, list[str]] = {}
    if wanted.name is not None:
        values["displayName"] = [wanted.name]
    if wanted.addresses is not None:
        values |= address_values(admin.free_addresses(wanted.addresses, group.id, wanted.reserved))
    if wanted.owner is not None:
        values["owner"] = _owner(admin, wanted.owner)
    if wanted.senders is not None:
        values["odmailSenders"] = _senders(wanted.senders)
    if wanted.unlisted is not None:
        values["odmailUnlisted"] = flag(wanted.unlisted)
    if wanted.join or wanted.leave:
        values |= _changed_members(admin, group, wanted)
    if values:
        admin.link.modify(group.dn, values)
        admin.changed("group-edited", group.id, fields=" ".join(sorted(values)), join=" ".join(wanted.join))
    return admin.directory.group(group.id)


def _changed_members(admin: Admin, group: Group, wanted: EditGroup) -> dict[str, list[str]]:
    joining, joining_outside = _members(admin, wanted.join)
    leaving, leaving_outside = _members(admin, wanted.leave)
    present = [dn for dn in admin.directory.lookup.by_id(group.id).texts("member") if dn != group.dn]
    inside = [dn for dn in dict.fromkeys(present + joining) if dn not in leaving]
    outside = [each for each in dict.fromkeys([*group.outside, *joining_outside]) if each not in leaving_outside]
    return {"member": inside or [group.dn], "odmailOutside": outside}


def _senders(word: str) -> list[str]:
    """Nothing for anybody."""
    if word not in SENDERS:
        raise Fault(Kind.BAD_REQUEST, f"Who may send is one of {', '.join(SENDERS)}.")
    return [] if word == SENDERS[0] else [word]


def _owner(admin: Admin, key: str) -> list[str]:
    """The DN of a person or post; none for ""."""
    if not key:
        return []
    dn = _member(admin, key)
    if not any(admin.directory.lookup.by_name(dn).has_class(name) for name in (PERSON, POST)):
        raise Fault(Kind.BAD_REQUEST, f"{key} is a list: a list's owner is a person or a post.")
    return [dn]


def _members(admin: Admin, keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """DNs of people, posts and lists; addresses of others."""
    inside: list[str] = []
    outside: list[str] = []
    for key in keys:
        if "@" in key and not admin.directory.is_ours(key.rpartition("@")[2]):
            outside.append(normalize(key))
        else:
            inside.append(_member(admin, key))
    return inside, outside


def _member(admin: Admin, key: str) -> str:
    lookup = admin.directory.lookup
    if "@" in key:
        record = lookup.by_address(key)
        if not any(record.has_class(name) for name in (PERSON, POST, GROUP)):
            raise Fault(Kind.BAD_REQUEST, f"{key} is an alias: name the one it stands for.")
        return record.dn
    finders = (admin.directory.person, admin.directory.post, admin.directory.group)
    for find in finders:
        try:
            return find(key).dn
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
    raise Fault(Kind.NOT_FOUND, f"There is no member {key}.")
