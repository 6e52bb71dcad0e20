"""A member outside leaves a list, and the lists within it by which its mail would still come."""

from collections.abc import Iterator

from odcore.directory.address import fold
from odcore.directory.admin import Admin
from odcore.directory.lookup import GROUP
from odcore.directory.record import Record
from odcore.errors import Fault, Kind

_OUTSIDE = "odmailOutside"


def unsubscribe(admin: Admin, list: str, member: str, client: str) -> bool:
    """Was it on the list? `client` is the network address it was asked from. Fault TRY_LATER."""
    try:
        top = admin.directory.lookup.by_address(list)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return False
    left = False
    for group in _within(admin, top, set()):
        for value in group.texts(_OUTSIDE):
            if fold(value) == fold(member):
                admin.link.withdraw(group.dn, _OUTSIDE, value)
                admin.changed("group-left", group.id, member=value, client=client)
                left = True
    return left


def _within(admin: Admin, record: Record, seen: set[str]) -> Iterator[Record]:
    if not record.has_class(GROUP) or record.id in seen:
        return
    seen.add(record.id)
    yield record
    for member in admin.directory.lookup.by_names(record.texts("member")):
        yield from _within(admin, member, seen)
