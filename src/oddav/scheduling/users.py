"""Calendar users: who has calendars here, by address.  RFC 6638 2.4"""

import msgspec

from odcore.directory.api import Directory
from odcore.directory.model import AccountKind, Post
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from oddav.itip.thing import plain
from oddav.store.first import first
from oddav.store.model import Create

_LOCAL, _OUTSIDE, _UNKNOWN, _PENDING = "1.2", "1.1", "3.7", "1.0"
"""Delivered, sent, no such user, not yet.  RFC 6638 3.6.1"""


class User(msgspec.Struct, frozen=True):
    """A person or a post."""

    id: AccountId
    name: str
    addresses: tuple[str, ...]  # the primary one first
    language: str = "en"
    type: str = "INDIVIDUAL"  # RFC 6638 2.4.2
    quota: int = 0  # octets of its collections; 0: as all
    days: int = 0  # ahead, of a room or a resource; 0: as far as calendars look

    @property
    def answers(self) -> bool:
        """By itself?"""
        return self.type in ("ROOM", "RESOURCE")

    @property
    def mine(self) -> frozenset[str]:
        """The addresses as calendar users are compared by."""
        return frozenset(plain(each) for each in self.addresses)

    @property
    def first(self) -> tuple[Create, ...]:
        """What the account is born with."""
        return first(self.language)


class Users:
    """Out of the directory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def find(self, address: str) -> User | None:
        """None: no calendar user of ours, but mail may go there. Fault NOT_FOUND: nobody; TRY_LATER."""
        found = self._directory.resolve(address)
        if found.group or found.outside or len(found.local) != 1:
            return None
        return self.account(found.local[0].account.id)

    def account(self, id: AccountId) -> User:
        """Fault NOT_FOUND."""
        account = self._directory.account(id)
        if account.kind is AccountKind.POST:
            return of_post(self._directory.post(id))
        person = self._directory.person(id)
        return User(person.id, person.name, person.addresses, person.language, quota=person.quota)

    def language(self, address: str) -> str:
        """What to write to somebody in: English where nobody knows."""
        try:
            found = self.find(address)
        except Fault:
            return "en"
        return "en" if found is None else found.language

    def status(self, address: str) -> str:
        """SCHEDULE-STATUS of what is sent there."""
        try:
            return _OUTSIDE if self.find(address) is None else _LOCAL
        except Fault as fault:
            return _UNKNOWN if fault.kind in (Kind.NOT_FOUND, Kind.DENIED, Kind.BAD_REQUEST) else _PENDING


def of_post(post: Post) -> User:
    """Its calendars are its own, whoever holds it."""
    kind = post.calendar_user or "INDIVIDUAL"
    return User(post.id, post.title or post.cn, post.addresses, type=kind, quota=post.quota, days=post.booking_days)
