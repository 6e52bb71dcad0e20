"""Signing in and what follows from it: the port protocols see."""

from typing import Protocol

import msgspec

from odcore.directory.model import AccountRef, Person, Post


class Credentials(msgspec.Struct, frozen=True):
    """What a client offered. Never logged, never printed."""

    login: str
    password: str
    service: str  # "imap", "submission"; device passwords of scope "mail" open both
    address: str  # the client's network address
    authzid: str = ""  # SASL authorization identity; "" or the login itself

    def __repr__(self) -> str:
        return f"Credentials(service={self.service!r}, address={self.address!r})"


class Principal(msgspec.Struct, frozen=True):
    """Who signed in, and into what. `person` is always a human being, whatever the account."""

    person: Person
    account: AccountRef  # the person's own mailbox, or a post's
    device: str = ""  # id of the device password, "" for the directory password

    @property
    def reader(self) -> str:
        """For `odmail.mailbox.api`: whose \\Seen counts. "" in one's own mailbox."""
        return "" if self.account.id == self.person.id else self.person.id


class SignIn(Protocol):
    """Checks credentials. Blocks: directory, hashing and throttling delays happen here."""

    def sign_in(self, credentials: Credentials) -> Principal:
        """Faults: LOGIN (wrong, unknown, disabled: all alike), LIMIT (throttled), TRY_LATER (directory away)."""

    def still_valid(self, principal: Principal) -> bool:
        """May a session that began with this principal go on? False once disabled, handed over or revoked."""


class Access(Protocol):
    """What a signed-in person may do."""

    def posts(self, principal: Principal) -> tuple[Post, ...]:
        """Posts whose mailboxes appear in this session's shared namespace (none when signed in to a post)."""

    def may_send_as(self, principal: Principal, address: str) -> bool:
        """Own addresses and aliases, and those of posts held now."""
