"""What the audit trail says to the person it is about: their sign-ins, and who looked into their mailbox."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from odcore.audit.trail import Event, Trail
from odcore.directory.model import Person, Post
from odcore.ids import AccountId

_PROGRAMS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


class SignInLine(msgspec.Struct, frozen=True):
    """One sign-in, or a try; `step` 2 for what came after the password."""

    at: datetime
    service: str
    address: str
    outcome: str
    device: str
    step: int = 1


class Look(msgspec.Struct, frozen=True):
    """Somebody opened a mailbox of somebody else's, or of a post's."""

    at: datetime
    who: str
    owner: Person | Post
    mailbox: str


def sign_ins(trail: Trail, person: AccountId, most: int = 50) -> list[SignInLine]:
    """The newest first."""
    found: list[SignInLine] = []
    for step, event in ((1, "sign-in"), (2, "second-step")):
        found += [_line(each, step) for each in trail.events(event=event, about=frozenset((person,)), most=most)]
    return sorted(found, key=lambda line: line.at, reverse=True)[:most]


def looks(
    trail: Trail, owners: Sequence[Person | Post], name: Callable[[AccountId], str], most: int = 50
) -> list[Look]:
    """By others than the first of `owners`, the newest first; into a post's only while the first of them held it."""
    me = owners[0].id
    found = [
        Look(datetime.fromisoformat(each.at), name(AccountId(each.actor)), owner, each.facts.get("mailbox", ""))
        for owner in owners
        for each in _opened(trail, owner, me, most)
        if each.actor != me
    ]
    return sorted(found, key=lambda look: look.at, reverse=True)[:most]


def _opened(trail: Trail, owner: Person | Post, holder: AccountId, most: int) -> Iterable[Event]:
    """Each once, though charges of one person overlap."""
    if isinstance(owner, Person):
        return trail.events(event="mailbox-opened", to=owner.id, most=most)
    spans = [(_text(each.start), _text(each.end)) for each in owner.charges if each.person == holder]
    pages = (trail.events(event="mailbox-opened", to=owner.id, since=a, until=b, most=most) for a, b in spans)
    return {each.number: each for page in pages for each in page}.values()


def _text(instant: datetime | None) -> str:
    return instant.astimezone(UTC).isoformat() if instant else ""


def browser(agent: str) -> str:
    """A browser's name for itself, in words people know."""
    program = next((name for mark, name in _PROGRAMS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (program, system))) or re.sub(r"[^\w ./-]", "", agent)[:40]


def _line(event: Event, step: int) -> SignInLine:
    facts = event.facts
    return SignInLine(
        at=datetime.fromisoformat(event.at),
        service=facts.get("service", ""),
        address=facts.get("address", ""),
        outcome=facts.get("outcome", ""),
        device=facts.get("device", ""),
        step=step,
    )
