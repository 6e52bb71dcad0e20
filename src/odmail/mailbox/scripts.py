"""The store's port for Sieve: an account's scripts, and what they remember.  RFC 5804 1.4, RFC 5230 4.2, RFC 7352"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from odmail.mailbox.api import NewMessage


class ScriptEntry(msgspec.Struct, frozen=True):
    """A script without its text."""

    name: str
    size: int  # octets
    active: bool
    version: int  # greater with each change, of all scripts of the account
    changed: int  # seconds since the epoch


def digest(text: str) -> str:
    """Tells one version of a script from another, in the audit trail."""
    return hashlib.sha256(text.encode()).hexdigest()


class PutScript(msgspec.Struct, frozen=True):
    """A new script, or a new text of one; whether it is valid is the caller's concern."""

    name: str
    text: str


class RenameScript(msgspec.Struct, frozen=True):
    """The active script stays so."""

    old: str
    new: str


class ActiveScript(msgspec.Struct, frozen=True):
    """What is to be run. `text` is None when the caller has said that it knows this version."""

    name: str
    version: int
    text: str | None


class Filed(msgspec.Struct, frozen=True):
    """A place for a message: the mailbox with this id, else with this use, else of this name; INBOX when there is none.

    `create` makes one of that name and use.
    """

    target: str
    flags: int = 0
    keywords: tuple[str, ...] = ()
    create: bool = False
    special_use: str = ""
    mailbox_id: str = ""


class Sorted(msgspec.Struct, frozen=True):
    """A message with all its places in the account; its octets are kept once."""

    message: "NewMessage"
    places: tuple[Filed, ...]


class Mark(msgspec.Struct, frozen=True):
    """To be remembered: somebody was answered, something was seen."""

    key: str
    until: int  # seconds since the epoch


class Deliver(msgspec.Struct, frozen=True):
    """All that one batch means for an account, in one transaction."""

    messages: Sequence[Sorted]
    marks: Sequence[Mark] = ()


class ScriptStore(Protocol):
    """One account's scripts. Fault as in `MailAccount`."""

    def scripts(self) -> list[ScriptEntry]:
        """By name."""

    def script(self, name: str) -> str:
        """Its text; Fault NOT_FOUND."""

    def active_script(self, known: int = 0) -> ActiveScript | None:
        """None when none is; its text only if its version is not `known`."""

    def check_script_space(self, name: str, size: int) -> None:
        """Would `put_script` take it? Faults BAD_REQUEST, TOO_BIG, OVER_QUOTA, LIMIT."""

    def put_script(self, options: PutScript) -> None:
        """All or nothing. The faults of `check_script_space`."""

    def rename_script(self, options: RenameScript) -> None:
        """Faults NOT_FOUND, EXISTS, BAD_REQUEST."""

    def delete_script(self, name: str) -> None:
        """Faults NOT_FOUND, IN_USE while it is active."""

    def activate_script(self, name: str) -> None:
        """From now on this one, and no other; "" for none. Fault NOT_FOUND."""

    def is_remembered(self, key: str) -> bool:
        """Was it, and is it not yet over?"""

    def deliver(self, options: Deliver) -> list[list[tuple[str, int]]]:
        """Mailbox and uid of each place of each message. Fault OVER_QUOTA: nothing was delivered."""
