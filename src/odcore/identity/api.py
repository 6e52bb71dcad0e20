"""Signing in and what follows from it: the port protocols see."""

from typing import Protocol

import msgspec

from odcore.directory.model import AccountRef, Person, Post


class Visit(Protocol):
    """What every offer says of where it comes from."""

    @property
    def service(self) -> str:
        """ "imap", "submission" ...: a scope "mail" opens both."""

    @property
    def address(self) -> str:
        """The client's network address."""

    @property
    def client(self) -> str:
        """What the client's program calls itself, as far as it said so by now."""


class Credentials(msgspec.Struct, frozen=True):
    """A name and a password. Never logged, never printed."""

    login: str
    password: str
    service: str
    address: str
    authzid: str = ""  # SASL authorization identity; "" or the login itself
    client: str = ""

    def __repr__(self) -> str:
        return f"Credentials(service={self.service!r}, address={self.address!r})"


class ScramLogin(msgspec.Struct, frozen=True):
    """A name whose password will be proved.  RFC 5802"""

    login: str
    service: str
    address: str
    authzid: str = ""
    client: str = ""


class Verifier(msgspec.Struct, frozen=True):
    """What proves one device password without being it.  RFC 5802 3"""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes

    def __repr__(self) -> str:
        return "Verifier()"


class ScramCandidate(msgspec.Struct, frozen=True):
    """A device password that may be the one that is meant."""

    person: Person
    device: str
    verifier: Verifier


class ScramChallenge(msgspec.Struct, frozen=True):
    """What the client salts its password with. The candidates share it; there are none for a login nobody has."""

    salt: bytes
    iterations: int
    candidates: tuple[ScramCandidate, ...] = ()


class BearerToken(msgspec.Struct, frozen=True):
    """A token that the suite issued, and whose it is said to be ("": not said)."""

    token: str
    login: str
    service: str
    address: str
    client: str = ""

    def __repr__(self) -> str:
        return f"BearerToken(service={self.service!r}, address={self.address!r})"


class Certificate(msgspec.Struct, frozen=True):
    """E-mail addresses in a client certificate that TLS has verified."""

    addresses: tuple[str, ...]
    service: str
    address: str
    authzid: str = ""  # "", the person's own, or a post they hold
    client: str = ""


class Client(msgspec.Struct, frozen=True):
    """What a session said of itself after sign-in."""

    client: str
    service: str
    address: str


class Principal(msgspec.Struct, frozen=True):
    """Who signed in, and into what. `person` is always a human being, whatever the account."""

    person: Person
    account: AccountRef  # the person's own mailbox, or a post's
    device: str = ""  # id of the device password or token, "" for the directory password or a certificate
    certified: bool = False  # by a client certificate

    @property
    def reader(self) -> str:
        """For `odmail.mailbox.api`: whose \\Seen counts. "" in one's own mailbox."""
        return "" if self.account.id == self.person.id else self.person.id


class SignIn(Protocol):
    """Checks what is offered. Blocks: directory, hashing and throttling delays happen here.

    Faults of all: LOGIN (wrong, unknown, disabled: all alike), LIMIT (throttled), DENIED (an app or network that is
    refused by policy), TRY_LATER (directory away).
    """

    @property
    def scram(self) -> bool:
        """Can everybody who may sign in prove their password? Only where all have device passwords."""

    def sign_in(self, credentials: Credentials) -> Principal:
        """By password."""

    def challenge(self, login: ScramLogin) -> ScramChallenge:
        """SCRAM begins. Says nothing about whether there is such a login."""

    def prove(self, login: ScramLogin, proved: ScramCandidate | None) -> Principal:
        """SCRAM ends: which candidate the proof fits, None when it fits none."""

    def bear(self, token: BearerToken) -> Principal:
        """By a token."""

    def certify(self, certificate: Certificate) -> Principal:
        """By a client certificate."""

    def found_out(self, principal: Principal, visit: Visit) -> None:
        """The client said what it is after sign-in. Fault DENIED where the session has to end for that."""

    def still_valid(self, principal: Principal) -> bool:
        """May a session that began with this principal go on? False once disabled, handed over or revoked."""


class Access(Protocol):
    """What a signed-in person may do."""

    def posts(self, principal: Principal) -> tuple[Post, ...]:
        """Posts whose mailboxes appear in this session's shared namespace (none when signed in to a post)."""

    def may_send_as(self, principal: Principal, address: str) -> bool:
        """Own addresses and aliases, those of posts held now, and of those who let this person send as them."""

    def may_send_on_behalf(self, principal: Principal, address: str) -> bool:
        """Does whoever has this address let this person write on their behalf, named in Sender?"""
