"""What the LDAP engine asks of the world around it."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from odcore.identity.api import Principal, SignIn
from odcore.identity.presence import Presence
from odcore.session.ports import Call
from oddav.ldap.types import Entry, Search


class Tree(Protocol):
    """The entries there are. All of it blocks: the directory, and the book's index."""

    def root(self, search: Search) -> list[Entry]:
        """What the server tells of itself, if it fits."""

    def login(self, name: str) -> str:
        """Who is meant by the name of a bind."""

    def search(self, principal: Principal, search: Search) -> tuple[list[Entry], bool]:
        """What fits, as this person may see it, and whether there is more. Raises Refused; Faults LIMIT, TRY_LATER."""

    def compare(self, principal: Principal, name: str, attribute: str, value: str) -> bool | None:
        """Has the entry this value? None: it has no such attribute. Raises and Faults as above."""


class House(msgspec.Struct, frozen=True):
    """What all sessions of a process share."""

    sign_in: SignIn
    call: Call
    tree: Tree
    presence: Presence = msgspec.field(default_factory=Presence)
    measure: Callable[[str, str, float], None] = lambda _verb, _outcome, _seconds: None  # told of each operation
