"""Who administers which offices: by groups of the directory. The one place that decides it.

`portal.admins` administer everything; `nodal.OFFICE` that office and all below it. Members are people or posts: who is
given charge of a post has its rights from that instant, and loses them with it.
"""

from collections.abc import Iterable

import msgspec

from odcore import clock
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Office, Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odcore.ids import AccountId

AGENCY = "portal.admins"
NODAL = "nodal."


class Rights(msgspec.Struct, frozen=True):
    """`agency` comes with all offices."""

    offices: frozenset[AccountId] = frozenset()
    agency: bool = False

    def __bool__(self) -> bool:
        return self.agency or bool(self.offices)

    def cover(self, offices: Iterable[str]) -> bool:
        """All of these, and there are any."""
        asked = frozenset(offices)
        return bool(asked) and asked <= self.offices

    def require(self, allowed: bool) -> None:
        """Fault DENIED."""
        if not allowed:
            raise Fault(Kind.DENIED, "This is for the administrators of the office.")


def rights(directory: LdapDirectory, access: Access, principal: Principal) -> Rights:
    """Those of a person and of the posts they hold now."""
    return _of(directory, (principal.person.id, *(post.id for post in access.posts(principal))))


def administers(directory: LdapDirectory, mine: Rights, entry: Person | Post) -> bool:
    """May who has `mine` change this person or post? Not one who holds, or is, more than they administer themselves."""
    if mine.agency:
        return True
    posts = directory.posts_held(entry.id, clock.now()) if isinstance(entry, Person) else ()
    if not mine.cover(each.office or "" for each in (entry, *posts)):
        return False
    theirs = _of(directory, (entry.id, *(post.id for post in posts)))
    return not theirs.agency and theirs.offices <= mine.offices


def _of(directory: LdapDirectory, accounts: Iterable[AccountId]) -> Rights:
    groups = {group for account in accounts for group in directory.groups_of(account)}
    names = {directory.group(group).cn.lower() for group in groups}
    if AGENCY in names:
        return Rights(frozenset(office.id for office in directory.offices()), True)
    own = {name.removeprefix(NODAL) for name in names if name.startswith(NODAL)}
    return Rights(_with_those_below(directory.offices(), own)) if own else Rights()


def _with_those_below(offices: list[Office], names: set[str]) -> frozenset[AccountId]:
    found = {office.id for office in offices if office.ou.lower() in names}
    while fresh := {office.id for office in offices if office.parent in found} - found:
        found |= fresh
    return frozenset(found)
