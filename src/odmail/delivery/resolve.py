"""Where a recipient's mail goes: one mailbox, one address outside, or the many of a list."""

from collections.abc import Callable, Iterable

import msgspec

from odcore.directory.api import Directory
from odcore.directory.model import Local, Outside
from odcore.errors import Fault, Kind
from odcore.ids import AccountId

Back = Callable[[str], str]
"""The sender that an address of ours stands for (`srs.Rewriter.reverse`), "" for none."""


class Many(msgspec.Struct, frozen=True):
    """A list, or an alias for several: each account and each address once."""

    name: str
    local: tuple[Local, ...]
    outside: tuple[Outside, ...]
    owner: str = ""  # of a list: whose concern it is when a member cannot be reached
    senders: str = "anybody"  # of a list: who may send to it, see `listing`
    is_list: bool = False

    def addresses(self, without: Iterable[AccountId] = ()) -> tuple[str, ...]:
        """The members' addresses, without those accounts that get the message anyway."""
        known = set(without)
        members = [each.account.address for each in self.local if each.account.id not in known]
        return tuple(dict.fromkeys(members + [each.address for each in self.outside]))


def resolve(directory: Directory, address: str, back: Back | None = None) -> Local | Outside | Many:
    """Faults: NOT_FOUND and DENIED (nobody there, disabled), BAD_REQUEST (no address), TRY_LATER (directory away)."""
    origin = back(address) if back else ""
    if origin:
        return Outside(origin)
    found = directory.resolve(qualify(directory, address))
    destinations: list[Local | Outside] = [*found.local, *found.outside]
    if not destinations:
        raise Fault(Kind.NOT_FOUND, "No such user here.")
    if len(destinations) == 1 and not found.owner and found.senders == "anybody":
        return destinations[0]
    is_list = bool(found.group)
    return Many(found.group or address, found.local, found.outside, found.owner, found.senders, is_list)


def qualify(directory: Directory, address: str) -> str:
    """The bare `postmaster` that every server must know is that of the default domain.  RFC 5321 4.5.1"""
    if "@" in address:
        return address
    return f"{address}@{default_domain(directory)}"


def default_domain(directory: Directory) -> str:
    """ "" before there is one."""
    domains = directory.domains()
    return next((domain.name for domain in domains if domain.default), domains[0].name if domains else "")


def domain_of(address: str) -> str:
    """What follows the last @."""
    return address.rpartition("@")[2].lower()
