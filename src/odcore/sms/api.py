"""Text messages: what is to be sent, and the port of whoever sends it."""

from datetime import datetime
from typing import Protocol

import msgspec

from odcore import clock, ids
from odcore.ids import AccountId


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `template` is its name and language, code.or; `text` is used where nothing else was registered."""

    number: str  # +91 and ten digits
    template: str
    text: str  # with %(name)s for the facts
    facts: dict[str, str] = {}
    expires: datetime  # nobody wants it afterwards
    about: AccountId | str = ""
    id: str = msgspec.field(default_factory=ids.uuid7)
    written: datetime = msgspec.field(default_factory=clock.now)
    attempts: int = 0
    due: datetime | None = None

    def worded(self, texts: dict[str, str]) -> str:
        """What the phone shows."""
        return (texts.get(self.template) or self.text) % self.facts

    def __repr__(self) -> str:
        return f"Sms(id={self.id!r}, template={self.template!r})"


class Gateway(Protocol):
    """Hands messages to the operators."""

    def send(self, message: Sms) -> None:
        """Blocks. Faults TRY_LATER, and BAD_REQUEST for what will never be taken."""


def masked(number: str) -> str:
    """For logs and pages: enough to know one's own."""
    return f"{number[:3]}******{number[-4:]}" if len(number) > 7 else "******"
