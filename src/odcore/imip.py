"""Where calendars and mail meet: invitations leave and come by mail; neither family knows the other.  RFC 6047"""

from typing import Protocol

import msgspec

from odcore.ids import AccountId


class Letter(msgspec.Struct, frozen=True):
    """An iTIP message for somebody outside, with what people want to read of it."""

    id: str  # the same id and recipient is the same mail
    uid: str  # of the event, which a report that brings only the header back is known by
    method: str
    sender: str  # an address of whoever sends it
    name: str  # of the sender
    to: str
    language: str  # the sender's
    calendar: bytes
    subject: str = ""  # of the event
    when: str = ""
    where: str = ""
    repeats: bool = False
    changed: bool = False  # it was sent before, in another state
    said: str = ""  # PARTSTAT, of a reply
    comment: str = ""
    text: str = ""


class Mail(Protocol):
    """The way out."""

    def send(self, letter: Letter) -> None:
        """Durable when this returns. Faults BAD_REQUEST (no address), LIMIT, TRY_LATER."""


class Arrived(msgspec.Struct, frozen=True):
    """An iTIP message that came by mail, from an author who has proved to be one; or that one of our own came back."""

    id: str  # the mail's: what comes twice counts once
    account: AccountId
    author: str = ""  # address, lower case
    calendar: bytes = b""
    uid: str = ""  # of what came back
    returned: tuple[str, ...] = ()  # who could not be reached with it: addresses, lower case


class Calendars(Protocol):
    """The way in."""

    def arrived(self, message: Arrived) -> None:
        """Durable when this returns; what follows from it follows later. Faults LIMIT, TRY_LATER."""
