"""Who administers which offices: by groups of the directory. The one place that decides it.

`portal.admins` administer everything; `nodal.OFFICE` that office and all below it. Members are people or posts: who is
given charge of a post has its rights from that instant, and loses them with it. The members of `directory.numbers` see
everybody's mobile and residence numbers in the directory book.
"""

from collections.abc import Iterable

import msgspec

from odcore import clock
from odcore.directory.ldap import LdapDirectory
from odcore.directory.model import Group, Office, Person, Post, State
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odcore.ids import AccountId

AGENCY = "portal.admins"
NODAL = "nodal."
NUMBERS = "directory.numbers"


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


def memberships(directory: LdapDirectory, access: Access, principal: Principal) -> frozenset[AccountId]:
    """The groups of a person and of the posts they hold now."""
    accounts = (principal.person.id, principal.account.id, *(post.id for post in access.posts(principal)))
    return frozenset(group for account in accounts for group in directory.groups_of(account))


def sees_numbers(directory: LdapDirectory, groups: frozenset[AccountId]) -> bool:
    """May who is in these groups see private numbers?"""
    return any(directory.lookup.by_id(group).text("cn").lower() == NUMBERS for group in groups)


def administers(directory: LdapDirectory, mine: Rights, entry: Person | Post) -> bool:
    """May who has `mine` change this person or post? Not one who holds, or is, more than they administer themselves."""
    if mine.agency:
        return True
    posts = directory.posts_held(entry.id, clock.now()) if isinstance(entry, Person) else ()
    if not mine.cover(each.office or "" for each in (entry, *posts)):
        return False
    theirs = _of(directory, (entry.id, *(post.id for post in posts)))
    return not theirs.agency and theirs.offices <= mine.offices


def agency(directory: LdapDirectory) -> list[Person]:
    """Who administers everything, now."""
    return _members(directory, AGENCY)


def nodal_officers(directory: LdapDirectory, office: str) -> list[Person]:
    """Who administers an office by the group nearest to it: its own, else that of the office above."""
    every = {each.id: each for each in directory.offices()}
    seen: set[str] = set()
    place = every.get(AccountId(office))
    while place is not None and place.id not in seen:
        if found := _members(directory, f"{NODAL}{place.ou.lower()}"):
            return found
        seen.add(place.id)
        place = every.get(AccountId(place.parent or ""))
    return []


def _members(directory: LdapDirectory, group: str) -> list[Person]:
    """People, holders of posts, and those of groups in it."""
    found: dict[str, Person] = {}
    waiting, seen = [group], {group}
    while waiting:
        for member in _listed(directory, waiting.pop()):
            if isinstance(member, Group):
                waiting += [] if member.id in seen else [member.id]
                seen.add(member.id)
            elif isinstance(member, Post):
                found |= {each: directory.person(each) for each in member.holders(clock.now())}
            else:
                found[member.id] = member
    return sorted((each for each in found.values() if each.state is State.ACTIVE), key=lambda each: each.uid)


def _listed(directory: LdapDirectory, group: str) -> list[Person | Post | Group]:
    """The members of one group; none when there is no such group."""
    try:
        members = directory.group(group).members
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return []
    return [found for each in members if (found := _entry(directory, each)) is not None]


def _entry(directory: LdapDirectory, member: AccountId) -> Person | Post | Group | None:
    for find in (directory.person, directory.post, directory.group):
        try:
            return find(member)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
    return None


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
