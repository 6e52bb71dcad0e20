"""Whose collections one request may see: the account signed in to, and the posts its person holds."""

from contextvars import ContextVar

import msgspec

from odcore.directory.model import Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Access, Principal
from odcore.ids import AccountId
from oddav.scheduling.freebusy import FreeBusy
from oddav.scheduling.implicit import Implicit
from oddav.scheduling.users import User
from oddav.store.first import first
from oddav.store.store import Home, Store


class Owner(msgspec.Struct, frozen=True):
    """Who has a home: a person or a post."""

    id: AccountId
    name: str
    addresses: tuple[str, ...]
    language: str = "en"
    type: str = "INDIVIDUAL"  # RFC 6638 2.4.2

    @property
    def user(self) -> User:
        """As a calendar user."""
        return User(self.id, self.name, self.addresses, self.language)


class Visit:
    """One request's view: the homes by the first part of the path. Nobody else's can be told from none."""

    def __init__(
        self, principal: Principal, access: Access, store: Store, implicit: Implicit, free_busy: FreeBusy
    ) -> None:
        self._store = store
        self.scheduling, self.free_busy = implicit, free_busy
        self.actor = frozenset(each.lower() for each in principal.person.addresses)
        self._language = principal.person.language
        account, person = principal.account, principal.person
        own = Owner(person.id, person.name, person.addresses, person.language)
        if account.id != person.id:
            own = Owner(account.id, account.name, (account.address,))
        self.owners = {own.id: own} | {post.id: _post(post) for post in access.posts(principal)}
        self.own = own

    def owner(self, name: str) -> Owner:
        """Fault NOT_FOUND, alike for who does not exist and who is somebody else."""
        found = self.owners.get(AccountId(name))
        if found is None:
            raise Fault(Kind.NOT_FOUND, "There is nothing here.")
        return found

    @property
    def posts(self) -> list[Owner]:
        """Whose collections appear in the own home as well: most programs look into one home only."""
        return [owner for owner in self.owners.values() if owner.id != self.own.id]

    def home(self, owner: Owner) -> Home:
        """The store of an owner."""
        title = "" if owner.id == self.own.id else owner.name
        return self._store.open(owner.id, first(self._language, title))

    def at(self, name: str, collection: str) -> tuple[Owner, str]:
        """Whose collection a path means, and which: `post~calendar` in the own home is the post's. Fault NOT_FOUND."""
        owner = self.owner(name)
        post, mark, inner = collection.partition(MARK)
        if mark and owner.id == self.own.id and AccountId(post) in self.owners:
            return self.owner(post), inner
        return owner, collection


MARK = "~"
"""Between a post's id and the name of its collection."""

CURRENT: ContextVar[Visit] = ContextVar("visit")
"""Of this thread's request: Radicale makes its plugins once, for all."""


def _post(post: Post) -> Owner:
    return Owner(post.id, post.title or post.cn, post.addresses, type=post.calendar_user or "INDIVIDUAL")
