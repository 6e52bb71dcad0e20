"""Whose collections one request may see: those of the account signed in to, of posts held, of others who let it in."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import cached_property
from http import HTTPStatus

import msgspec

from odcore.audit.api import Recorder
from odcore.directory.model import AccountKind, Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odcore.ids import AccountId
from odcore.sharing import api as sharing
from oddav.book.book import Book
from oddav.feeds.subscribing import Subscription
from oddav.push.offer import Offer
from oddav.radicale.answers import Condition
from oddav.scheduling.freebusy import FreeBusy
from oddav.scheduling.implicit import Implicit
from oddav.scheduling.users import User, Users, of_post
from oddav.search.index import Cards
from oddav.store.first import first
from oddav.store.model import Quiet, Right, Share
from oddav.store.sharing import Granted, granted
from oddav.store.store import Home, Store


class House(msgspec.Struct, frozen=True):
    """What all requests share."""

    store: Store
    access: Access
    sharing: sharing.Sharing
    users: Users
    implicit: Implicit
    free_busy: FreeBusy
    find: Callable[[str, int], list[Person | Post]]  # in names, titles and addresses: at most so many
    record: Recorder
    delegates: int  # at most, of one account
    book: Book
    subscribe: Callable[[Home, Subscription], str]
    cards: Cards
    push: Offer | None = None


class Owner(msgspec.Struct, frozen=True):
    """Who has a home: a person or a post."""

    id: AccountId
    name: str
    addresses: tuple[str, ...]
    language: str = "en"
    type: str = "INDIVIDUAL"  # RFC 6638 2.4.2
    post: bool = False
    quota: int = 0

    @property
    def user(self) -> User:
        """As a calendar user."""
        return User(self.id, self.name, self.addresses, self.language)


class Visit:
    """One request's view: the homes by the first part of the path. Nobody else's can be told from none."""

    def __init__(self, principal: Principal, house: House, quiet: Quiet | None = None) -> None:
        """`quiet`: devices of theirs that know of what is changed now."""
        self._quiet = quiet
        self.house = house
        self.principal = principal
        self.scheduling, self.free_busy = house.implicit, house.free_busy
        self.actor = frozenset(each.lower() for each in principal.person.addresses)
        self._language = principal.person.language
        account, person = principal.account, principal.person
        own = Owner(person.id, person.name, person.addresses, person.language, quota=person.quota)
        if account.id != person.id:
            user = house.users.account(account.id)
            own = _owner(user, post=True)
        self.owners = {own.id: own} | {
            post.id: _owner(of_post(post), post=True) for post in house.access.posts(principal)
        }
        self.own = own
        self._shares: dict[AccountId, list[Share]] = {}

    @property
    def held(self) -> frozenset[str]:
        """The addresses of posts that are held."""
        return frozenset(each.lower() for owner in self.owners.values() if owner.post for each in owner.addresses)

    @cached_property
    def guests(self) -> dict[AccountId, tuple[Owner, Granted]]:
        """Others who let this account into something, and how far. Asks once."""
        posts, people = self.house.sharing.around(self.principal)
        found: dict[AccountId, tuple[Owner, Granted]] = {}
        for each in (*posts, *people):
            if each.account.id not in self.owners:
                owner = self._other(each)
                given = granted(each, self.home(owner))
                found |= {owner.id: (owner, given)} if given else {}
        return found

    def _other(self, owner: sharing.Owner) -> Owner:
        user = self.house.users.account(owner.account.id)
        is_post = owner.account.kind is AccountKind.POST
        return _owner(user, post=is_post)

    @cached_property
    def notes(self) -> dict[tuple[str, int], dict[str, str]]:
        """What apps noted about collections of others, by owner and collection."""
        return self.home(self.own).notes()

    def owner(self, name: str) -> Owner:
        """Fault NOT_FOUND, alike for who does not exist and who is somebody else."""
        found = self.owners.get(AccountId(name))
        if found is None and AccountId(name) in self.guests:
            found = self.guests[AccountId(name)][0]
        if found is None:
            raise Fault(Kind.NOT_FOUND, "There is nothing here.")
        return found

    @property
    def others(self) -> list[Owner]:
        """Whose collections appear in the own home as well: most programs look into one home only."""
        posts = [owner for owner in self.owners.values() if owner.id != self.own.id]
        return posts + [owner for owner, _ in self.guests.values()]

    def home(self, owner: Owner) -> Home:
        """The store of an owner."""
        title = owner.name if owner.post and owner.id != self.own.id else ""
        return self.house.store.open(owner.id, first(self._language, title), owner.quota, self._quiet)

    def shares(self, owner: Owner) -> list[Share]:
        """Of all its collections."""
        if owner.id not in self._shares:
            self._shares[owner.id] = self.home(owner).shares()
        return self._shares[owner.id]

    def right(self, owner: Owner, collection: str) -> Right:
        """How far this visit may go there."""
        if owner.id in self.owners:
            return Right.OWN
        guest = self.guests.get(owner.id)
        return Right.NONE if guest is None else guest[1].of(collection)

    def at(self, name: str, collection: str, need: Right = Right.READ) -> tuple[Owner, str]:
        """Whose collection a path means, and which: `post~calendar` in the own home is the post's.

        Fault NOT_FOUND; condition need-privileges.
        """
        other, mark, inner = collection.partition(MARK)
        if mark and name == self.own.id and (other in self.owners or other in self.guests):
            name, collection = other, inner
        owner = self.owner(name)
        right = self.right(owner, collection)
        if right is Right.NONE:
            raise Fault(Kind.NOT_FOUND, "There is nothing here.")
        if right < need or (need is Right.WRITE and self._is_kept(owner, collection)):
            raise Condition(HTTPStatus.FORBIDDEN, "<D:need-privileges/>")  # RFC 3744 7.1.1
        return owner, collection

    def _is_kept(self, owner: Owner, collection: str) -> bool:
        """By others than its people."""
        with self.home(owner).view() as view:
            return any(each.name == collection and each.source for each in view.collections())


HOME = 0
"""Instead of a collection's key, in what apps noted: the home itself."""

MARK = "~"
"""Between an owner's id and the name of their collection."""

CURRENT: ContextVar[Visit] = ContextVar("visit")
"""Of this thread's request: Radicale makes its plugins once, for all."""


def _owner(user: User, *, post: bool) -> Owner:
    return Owner(user.id, user.name, user.addresses, user.language, user.type, post, user.quota)
