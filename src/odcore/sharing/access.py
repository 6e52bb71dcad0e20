"""What is shared with whom, from the directory and the register."""

from collections.abc import Iterator

import msgspec

from odcore import clock, haste
from odcore.directory.api import Directory
from odcore.directory.model import AccountKind, Person, Post
from odcore.directory.resolve import is_active, person_account, post_account
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odcore.ids import AccountId
from odcore.sharing import identifiers
from odcore.sharing.api import ANYONE, MAIL, Delegation, Owner, Power, Register

_FEW = 3
"""Whoever asks in haste looks into so many accounts."""


class _Asking(msgspec.Struct, frozen=True):
    """The session that asks, as grants name it."""

    held: tuple[Post, ...]
    subjects: frozenset[str]  # itself, the posts it holds, their groups and offices
    delegations: list[Delegation]
    owners: frozenset[AccountId]  # who may have shared something with it

    def powers(self, owner: AccountId, givers: frozenset[str] | None) -> frozenset[Power]:
        """By delegation."""
        given = (each for each in self.delegations if each.owner == owner)
        return frozenset().union(*(each.powers for each in given if givers is None or each.giver in givers))


class DirectorySharing:
    """See `odcore.sharing.api.Sharing`: what is shared in one area."""

    def __init__(self, directory: Directory, register: Register, access: Access, area: str = MAIL) -> None:
        self._directory = directory
        self._access = access
        self._area = area
        self.register = register

    def people(self, principal: Principal) -> tuple[Owner, ...]:
        return self._people(self._asking(principal))

    def person(self, principal: Principal, label: str) -> Owner | None:
        try:
            person = self._directory.person(label)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return None
        asking = self._asking(principal)
        return self._person(asking, person.id) if person.uid == label and person.id in asking.owners else None

    def posts(self, principal: Principal) -> tuple[Owner, ...]:
        return self._posts(self._asking(principal))

    def around(self, principal: Principal) -> tuple[tuple[Owner, ...], tuple[Owner, ...]]:
        asking = self._asking(principal)
        return self._posts(asking), self._people(asking)

    def owner(self, principal: Principal, account: AccountId) -> Owner | None:
        for post in self._access.posts(principal):
            if post.id == account:
                return _held(post)
        asking = self._asking(principal)
        if account not in asking.owners:
            return None
        return self._person(asking, account) or self._post(asking, account)

    def subject(self, identifier: str) -> str:
        return identifiers.subject(self._directory, identifier)

    def identifier(self, subject: str) -> str:
        return identifiers.identifier(self._directory, subject)

    def _asking(self, principal: Principal) -> _Asking:
        is_post = principal.account.kind is AccountKind.POST
        subjects = {ANYONE, identifiers.of_account(principal.account.id, post=is_post)}
        held = self._access.posts(principal)
        posts = [post.id for post in held]
        subjects.update(identifiers.of_account(post, post=True) for post in posts)
        for account in (principal.account.id, *posts):
            subjects.update(f"group:{group}" for group in self._directory.groups_of(account))
        entry = self._directory.post(principal.account.id) if is_post else principal.person
        for each in (entry, *held):
            subjects.update(f"office:{office}" for office in self._offices(each.office))
        # Delegates are people, and act as such when they are signed in as themselves.
        delegate = AccountId("") if is_post else principal.person.id
        delegations, named = self.register.around(self._area, delegate, frozenset(subjects))
        owners = named.union(each.owner for each in delegations)
        if len(owners) + len(posts) > _FEW:
            haste.wait()
        return _Asking(held, frozenset(subjects), delegations, owners - {principal.account.id})

    def _offices(self, office: AccountId | None) -> Iterator[AccountId]:
        """It and those above."""
        seen: set[AccountId] = set()
        while office is not None and office not in seen:
            seen.add(office)
            yield office
            try:
                office = self._directory.office(office).parent
            except Fault as fault:
                if fault.kind is not Kind.NOT_FOUND:
                    raise
                return

    def _people(self, asking: _Asking) -> tuple[Owner, ...]:
        found = (self._person(asking, each) for each in asking.owners)
        return tuple(sorted((owner for owner in found if owner), key=lambda owner: owner.label))

    def _posts(self, asking: _Asking) -> tuple[Owner, ...]:
        held = [_held(post) for post in asking.held]
        known = {owner.account.id for owner in held}
        others = (self._post(asking, each) for each in asking.owners if each not in known)
        return (*held, *sorted((owner for owner in others if owner), key=lambda owner: owner.label))

    def _person(self, asking: _Asking, id: AccountId) -> Owner | None:
        person = self._found(id)
        if not isinstance(person, Person) or not is_active(person):
            return None
        return Owner(person_account(person), person.uid, False, asking.powers(id, None), asking.subjects)

    def _post(self, asking: _Asking, id: AccountId) -> Owner | None:
        """What a holder gave away for the post ends with their charge."""
        post = self._found(id)
        if not isinstance(post, Post):
            return None
        givers = frozenset(("", *post.holders(clock.now())))
        return Owner(post_account(post), post.cn, False, asking.powers(id, givers), asking.subjects, givers)

    def _found(self, id: AccountId) -> Person | Post | None:
        """Who has this account; None when it is gone or disabled."""
        try:
            account = self._directory.account(id)
        except Fault as fault:
            if fault.kind not in (Kind.NOT_FOUND, Kind.DENIED):
                raise
            return None
        return self._directory.person(id) if account.kind is AccountKind.PERSON else self._directory.post(id)


def _held(post: Post) -> Owner:
    return Owner(post_account(post), post.cn, holds=True)
