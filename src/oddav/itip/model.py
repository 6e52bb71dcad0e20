"""What goes in and out: a writing, the messages that follow from it, what a message did."""

from collections.abc import Mapping

import msgspec


class Message(msgspec.Struct, frozen=True):
    """The same message to some calendar users."""

    method: str
    sender: str  # an address, as all calendar users are told by
    to: tuple[str, ...]
    octets: bytes


class Unmet(Exception):
    """A change that may not be made: the condition's name.  RFC 6638 3.2.4"""


class Change(msgspec.Struct, frozen=True):
    """What follows: the object to be stored (None: as it came) and what is to be sent."""

    octets: bytes | None
    messages: tuple[Message, ...]


class Saved(msgspec.Struct, frozen=True):
    """A writing, as the organizer or an attendee does it."""

    old: bytes | None
    new: bytes | None  # None: deleted
    mine: frozenset[str]  # the calendar user's addresses
    now: str  # 20260101T000000Z
    known: Mapping[str, str] = {}  # SCHEDULE-STATUS by address: what becomes of what is sent there
    merged: bool = False  # the writer knows not of replies meanwhile: they stay  RFC 6638 3.2.10
    silent: bool = False  # the writer wants no reply to be sent
    signed: str = ""  # mailto: of whoever answers for the calendar user  RFC 5545 3.2.18


class Ignored(Exception):
    """Why a message changes nothing: one line for the log."""


class Arrival(msgspec.Struct, frozen=True):
    """A message as it comes to one calendar user."""

    octets: bytes
    sender: str  # who has proved to be its sender
    mine: frozenset[str]
    now: str


class Received(msgspec.Struct, frozen=True):
    """What it did."""

    octets: bytes | None  # the object to be stored; None: as it was
    noted: bool = True  # it lies in the inbox as well
    messages: tuple[Message, ...] = ()  # that answer it
