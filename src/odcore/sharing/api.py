"""Grants between accounts: what families ask about them.

There are two kinds. A *delegation* covers all an account has in an area (mail; later calendars, contacts, files): the
owner lets a person read, write, send as or on behalf of them. An *access list* belongs to one mailbox or collection,
lies in the owner's own account, and names subjects; the register only knows whose lists name whom, so that "what is
shared with me" opens no account that shares nothing.

A subject is written "person:<id>", "post:<id>", "group:<id>", "office:<id>", or "anyone": everybody who signed in.
"""

import enum
from typing import Protocol

import msgspec

from odcore.directory.model import AccountRef
from odcore.identity.api import Principal
from odcore.ids import AccountId

MAIL = "mail"
"""The area of mailboxes."""

FILES = "files"
"""The area of folders of a drive."""

COLLECTIONS = "collections"
"""The area of calendars and address books."""

ANYONE = "anyone"
OWNER = "owner"


class Power(enum.StrEnum):
    """What a delegate may do."""

    READ = "read"
    WRITE = "write"  # and read
    SEND_AS = "send-as"  # mail from the owner's address, as the owner would
    ON_BEHALF = "on-behalf"  # the same, with the delegate's own address in Sender


class Delegation(msgspec.Struct, frozen=True):
    """`owner` lets `delegate`, a person, act for them."""

    owner: AccountId
    delegate: AccountId
    powers: frozenset[Power]
    giver: str = ""  # the holder who gave it for a post: it ends with their charge; "" for one that stands
    since: int = 0  # seconds since the epoch
    until: int = 0  # excluded; 0 for no end

    def covers(self, instant: int) -> bool:
        """Is it good at `instant`?"""
        return not self.until or instant < self.until


class Owner(msgspec.Struct, frozen=True):
    """An account other than one's own that may have something for the person who asked."""

    account: AccountRef
    label: str  # what it is called among others: a person's uid, a post's name
    holds: bool = False  # the person holds this post: everything in it is theirs
    powers: frozenset[Power] = frozenset()  # by delegation
    subjects: frozenset[str] = frozenset()  # as whom the person is named in access lists
    givers: frozenset[str] | None = None  # only entries given by these count; None: all


class Register(Protocol):
    """All grants of the house. Blocks."""

    def delegations_of(self, area: str, owner: AccountId) -> list[Delegation]:
        """By `owner`, also those that have ended."""

    def delegations_to(self, area: str, delegate: AccountId) -> list[Delegation]:
        """To `delegate`, those that have not ended."""

    def delegate(self, area: str, given: Delegation, most: int) -> None:
        """Give, or replace what was given. Fault LIMIT when the owner has `most` delegates already."""

    def end(self, area: str, owner: AccountId, delegate: AccountId) -> None:
        """Take back. Fault NOT_FOUND."""

    def owners(self, area: str, subjects: frozenset[str]) -> frozenset[AccountId]:
        """Whose access lists name one of `subjects`; perhaps some more, whose lists have just ceased to."""

    def around(
        self, area: str, delegate: AccountId, subjects: frozenset[str]
    ) -> tuple[list[Delegation], frozenset[AccountId]]:
        """`delegations_to` and `owners`, at the price of one."""

    def note(self, area: str, owner: AccountId, subject: str) -> None:
        """An access list of `owner` names `subject`, or is about to."""

    def forget(self, area: str, owner: AccountId, subject: str) -> None:
        """None does any more."""

    def changed(self, owner: AccountId) -> None:
        """Tell all processes that what `owner` shares has changed."""


class Sharing(Protocol):
    """What is shared with whom, for a protocol. Blocks; the directory may be away (Fault TRY_LATER)."""

    @property
    def register(self) -> Register:
        """Where grants are written down."""

    def people(self, principal: Principal) -> tuple[Owner, ...]:
        """People who may have shared something with this session, by label."""

    def person(self, principal: Principal, label: str) -> Owner | None:
        """The one of `people` with this label."""

    def posts(self, principal: Principal) -> tuple[Owner, ...]:
        """Posts held, and posts that may have shared something."""

    def around(self, principal: Principal) -> tuple[tuple[Owner, ...], tuple[Owner, ...]]:
        """`posts` and `people`, at the price of one."""

    def owner(self, principal: Principal, account: AccountId) -> Owner | None:
        """The one of them with this account."""

    def subject(self, identifier: str) -> str:
        """Whom an identifier in an access list means. Faults BAD_REQUEST, NOT_FOUND."""

    def identifier(self, subject: str) -> str:
        """How a subject is spelled for people."""
