"""A person's own sign-ins, out of the audit trail."""

from datetime import datetime

import msgspec

from odcore.audit.trail import Event, Trail
from odcore.ids import AccountId


class SignInLine(msgspec.Struct, frozen=True):
    """One sign-in, or a try."""

    at: datetime
    service: str
    address: str
    outcome: str
    device: str


def sign_ins(trail: Trail, person: AccountId, most: int = 50) -> list[SignInLine]:
    """The newest first."""
    events = trail.events(event="sign-in", about=frozenset((person,)), most=most)
    return [_line(event) for event in reversed(events)]


def _line(event: Event) -> SignInLine:
    facts = event.facts
    return SignInLine(
        at=datetime.fromisoformat(event.at),
        service=facts.get("service", ""),
        address=facts.get("address", ""),
        outcome=facts.get("outcome", ""),
        device=facts.get("device", ""),
    )
