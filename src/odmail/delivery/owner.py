"""Who answers for an account: the name and the addresses its mail is written under."""

import msgspec

from odcore.directory.api import Directory
from odcore.directory.model import AccountRef
from odcore.errors import Fault, Kind


class Owner(msgspec.Struct, frozen=True):
    """A person or a post."""

    name: str
    address: str  # the primary one
    all: frozenset[str]  # in lower case


def owner_of(directory: Directory, account: AccountRef) -> Owner:
    """Fault TRY_LATER when the directory is away."""
    try:
        person = directory.person(account.id)
        name, addresses = person.name, person.addresses
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        post = directory.post(account.id)
        name, addresses = post.title, post.addresses
    known = frozenset(address.lower() for address in (account.address, *addresses))
    return Owner(name, account.address, known)
