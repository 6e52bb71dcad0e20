"""The directory's port. Everything here may wait for the network: call it from a thread, never the reactor.

An unreachable directory is `Fault(TRY_LATER)`, never "no such entry" and never "wrong password".
Reads are cached for minutes and dropped at once when the entry changes.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from odcore.directory.model import (
    AccountRef,
    Alias,
    DevicePassword,
    Domain,
    Group,
    Office,
    Person,
    Post,
    Resolved,
)
from odcore.ids import AccountId


class Directory(Protocol):
    """Looking things up. Addresses compare without case, after IDNA and NFC."""

    def domains(self) -> tuple[Domain, ...]:
        """All domains that are ours."""

    def is_ours(self, domain: str) -> bool:
        """Is mail for this domain ours to deliver?"""

    def resolve(self, address: str) -> Resolved:
        """Where mail for `address` goes. NOT_FOUND: our domain but nobody there, or disabled.

        An address of a foreign domain resolves to one Outside.
        """

    def account(self, account: AccountId) -> AccountRef:
        """Fault NOT_FOUND when there is none, DENIED when it is disabled."""

    def person(self, key: str) -> Person:
        """By id, uid, bare local part of the default domain, or any address."""

    def post(self, key: str) -> Post:
        """By id, cn or address."""

    def office(self, key: str) -> Office:
        """By id or ou."""

    def group(self, key: str) -> Group:
        """By id, cn or address."""

    def alias(self, key: str) -> Alias:
        """By id or address."""

    def posts_held(self, person: AccountId, instant: datetime) -> tuple[Post, ...]:
        """Active posts this person holds at `instant`, by address."""

    def groups_of(self, account: AccountId) -> frozenset[AccountId]:
        """Active groups that count this person or post among their members, directly or through other groups."""

    def people(self, text: str = "") -> list[Person]:
        """People whose name, address or number holds `text`, by uid."""

    def find(self, text: str, most: int) -> list[Person | Post]:
        """Active people and posts of whom an index finds `text` somewhere: at most so many, in no order."""

    def posts(self, text: str = "") -> list[Post]: ...

    def offices(self, text: str = "") -> list[Office]: ...

    def groups(self, text: str = "") -> list[Group]: ...

    def aliases(self, text: str = "") -> list[Alias]: ...

    def device_passwords(self, person: AccountId) -> list[DevicePassword]: ...

    def on_change(self, call: Callable[[frozenset[AccountId]], None]) -> None:
        """Call with the ids that changed (from any tool), within about two seconds; from the watching thread."""
