"""Delegations given and taken back: by the command line and by pages."""

from datetime import datetime

import msgspec

from odcore import clock
from odcore.audit.api import Recorder
from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sharing.api import COLLECTIONS, MAIL, Delegation, Power, Register


class Give(msgspec.Struct, frozen=True, kw_only=True):
    """`delegate` is to act for `owner`, with exactly these powers."""

    owner: Person | Post
    delegate: Person
    powers: frozenset[Power]
    until: datetime | None = None
    standing: bool = False  # of a post: it stays when its holder hands over


class Delegations:
    """In the name of `actor`."""

    def __init__(self, register: Register, record: Recorder, actor: str, most: int, area: str = MAIL) -> None:
        self._register = register
        self._record = record
        self._actor = actor
        self._most = most
        self._area = area

    def give(self, wanted: Give) -> None:
        """Give, or replace what was given. Faults BAD_REQUEST, CONFLICT (nobody holds the post), LIMIT."""
        if not wanted.powers:
            raise Fault(Kind.BAD_REQUEST, "Say what they may do: read, write, send-as, on-behalf.")
        if self._area == COLLECTIONS and not {Power.READ, Power.WRITE} >= wanted.powers:
            raise Fault(Kind.BAD_REQUEST, "Calendars are read or written: no mail is sent with them.")
        if wanted.delegate.id == wanted.owner.id:
            raise Fault(Kind.BAD_REQUEST, "Nobody is their own delegate.")
        given = Delegation(
            owner=wanted.owner.id,
            delegate=wanted.delegate.id,
            powers=wanted.powers,
            giver="" if wanted.standing else giver(wanted.owner),
            until=int(wanted.until.timestamp()) if wanted.until else 0,
        )
        self._register.delegate(self._area, given, self._most)
        facts = {"delegate": given.delegate, "powers": " ".join(sorted(given.powers)), "area": self._area}
        self._record("delegated", self._actor, given.owner, **facts)

    def end(self, owner: Person | Post, delegate: AccountId) -> None:
        """Open connections to what is the owner's end within seconds. Fault NOT_FOUND."""
        self._register.end(self._area, owner.id, delegate)
        self._record("delegation-ended", self._actor, owner.id, delegate=delegate, area=self._area)


def giver(owner: Person | Post) -> str:
    """With whose charge it ends what is given for `owner`. Fault CONFLICT when nobody holds the post."""
    if isinstance(owner, Person):
        return ""
    holders = owner.holders(clock.now())
    if not holders:
        raise Fault(Kind.CONFLICT, f"Nobody holds {owner.cn}: say --standing.")
    return holders[0]
