"""Hints between processes: small, unordered, losable; never the only way to learn a thing.

`odmail.mailbox.changes.Hint` says that a mailbox moved on; the ones here concern everybody.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec

from odcore.ids import AccountId


class DirectoryChanged(msgspec.Struct, frozen=True, tag="directory"):
    """Entries were changed: drop what is cached of them and look again at open sessions."""

    ids: tuple[AccountId, ...]


class SharingChanged(msgspec.Struct, frozen=True, tag="sharing"):
    """What an account lets others do has changed: look again at the sessions that are in it."""

    owner: AccountId


class QueueWork(msgspec.Struct, frozen=True, tag="queue"):
    """Something was accepted, released or asked to be retried."""


class Wanted(msgspec.Struct, frozen=True, tag="wanted"):
    """To the hub: of all kinds this connection wants to hear only these. Who never says so hears everything."""

    tags: frozenset[str]


Message = TypeVar("Message", bound=msgspec.Struct)


class Bus(Protocol):
    """Publish to every process of the suite, this one included."""

    def publish(self, message: msgspec.Struct) -> None:
        """Never blocks, never fails; callable from any thread."""

    def subscribe(self, kind: type[Message], call: Callable[[Message], None]) -> Callable[[], None]:
        """`call` runs in the reactor thread; the returned function ends the subscription."""
