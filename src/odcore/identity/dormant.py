"""Accounts that nobody uses: an open door, and a mailbox that nobody reads."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from odcore.directory.model import Person, State
from odcore.ids import AccountId


class Dormant(msgspec.Struct, frozen=True):
    """`last` is None for who has never signed in."""

    person: Person
    last: datetime | None


def dormant(people: Iterable[Person], seen: Mapping[AccountId, datetime], before: datetime) -> list[Dormant]:
    """Active people not seen since `before`; who was never seen counts from the day they were added.

    Those never seen first, then the longest away.
    """
    found = [
        Dormant(each, seen.get(each.id))
        for each in people
        if each.state is State.ACTIVE and (last := seen.get(each.id) or each.created) and last < before
    ]
    return sorted(found, key=lambda each: (each.last is not None, each.last or each.person.created, each.person.uid))
