"""Charge of a post: taken, handed over, given up; each a dated fact with an order number.

`roleOccupant` tells other LDAP tools who holds the post now. What we decide by is the charges and the clock, so a
handover dated in the future needs nobody at its instant; `settle` brings `roleOccupant` up to date afterwards.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.entries import charge_values, former_values
from odcore.directory.lookup import POST
from odcore.directory.model import Charge, ChargeKind, Post
from odcore.errors import Fault, Kind
from odcore.ids import AccountId


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the post from `at` (None: now) on. `to` "": nobody, the post falls vacant."""

    to: str = ""
    order: str
    at: datetime | None = None
    kind: ChargeKind = ChargeKind.REGULAR
    former: str | None = None
    """A FormerRule, for mail to who left; "": as the site has it. None: the post's rule stays."""


def hand_over(admin: Admin, post: Post, wanted: Handover) -> Post:
    """Every charge open at `at` ends there, and the new one begins. Charges that were to begin later are void.

    Fault CONFLICT for a handover dated back before somebody else took charge: who held a post stays told.
    """
    at = _instant(wanted.at)
    if any(at <= charge.start < _instant(None) for charge in post.charges):
        raise Fault(Kind.CONFLICT, "Somebody has taken charge since then: that is history, and stays.")
    person = admin.directory.person(wanted.to).id if wanted.to else AccountId("")
    if post.charges and any(charge.covers(at) and charge.person == person for charge in post.charges):
        raise Fault(Kind.EXISTS, "That person holds the post already.")
    kept = [_ended(charge, at) for charge in post.charges if charge.start < at]
    begun = [Charge(person, at, None, _order(wanted.order), wanted.kind)] if person else []
    return _store(admin, post, kept + begun, "post-handed-over", wanted, at)


def take_charge(admin: Admin, post: Post, wanted: Handover) -> Post:
    """One more holder beside those there are (additional or in-charge arrangements). Fault EXISTS when they are."""
    at = _instant(wanted.at)
    person = admin.directory.person(wanted.to).id
    for charge in post.charges:
        if charge.person == person and (charge.end is None or charge.end > at):
            raise Fault(Kind.EXISTS, "That person holds the post already.")
    charges = [*post.charges, Charge(person, at, None, _order(wanted.order), wanted.kind)]
    return _store(admin, post, charges, "charge-taken", wanted, at)


def give_up(admin: Admin, post: Post, wanted: Handover) -> Post:
    """Only the charge of `wanted.to` ends. Fault NOT_FOUND when there is none."""
    at = _instant(wanted.at)
    person = admin.directory.person(wanted.to).id
    charges = [_ended(each, at) if each.person == person and each.covers(at) else each for each in post.charges]
    if charges == list(post.charges):
        raise Fault(Kind.NOT_FOUND, "That person does not hold the post then.")
    return _store(admin, post, [each for each in charges if each.end != each.start], "charge-given-up", wanted, at)


def settle(admin: Admin) -> int:
    """Write the present holders into `roleOccupant` where it says otherwise; how many posts that were."""
    settled = 0
    now = clock.now()
    for record in admin.directory.lookup.all(POST):
        post = admin.directory.post(record.id)
        wanted = _occupants(admin, post.holders(now))
        if sorted(wanted) != sorted(record.texts("roleOccupant")):
            admin.link.modify(post.dn, charge_values(post.charges, now) | {"roleOccupant": wanted})
            admin.changed("post-settled", post.id, [], holders=" ".join(post.holders(now)))
            settled += 1
    return settled


def _store(admin: Admin, post: Post, charges: Sequence[Charge], event: str, wanted: Handover, at: datetime) -> Post:
    now = clock.now()
    ordered = tuple(sorted(charges, key=lambda charge: (charge.start, charge.person)))
    after = msgspec.structs.replace(post, charges=ordered)
    values = charge_values(ordered, now) | {"roleOccupant": _occupants(admin, after.holders(now))}
    facts = {"to": wanted.to, "order": wanted.order, "at": at.isoformat(), "kind": str(wanted.kind)}
    if wanted.former is not None:
        values |= former_values(wanted.former)
        facts["former"] = wanted.former or "site"
    admin.link.modify(post.dn, values)
    people = {charge.person for charge in (*post.charges, *ordered)}
    admin.changed(event, post.id, people, **facts)
    return admin.directory.post(post.id)


def _occupants(admin: Admin, holders: Sequence[AccountId]) -> list[str]:
    return [admin.directory.person(holder).dn for holder in holders]


def _ended(charge: Charge, at: datetime) -> Charge:
    return charge if charge.end is not None and charge.end <= at else msgspec.structs.replace(charge, end=at)


def _order(text: str) -> str:
    if not text.strip() or any(not letter.isprintable() for letter in text):
        raise Fault(Kind.BAD_REQUEST, "A charge needs the number of its order.")
    return text.strip()


def _instant(at: datetime | None) -> datetime:
    """Whole seconds, as the directory keeps them."""
    return (at or clock.now()).replace(microsecond=0)
