"""What an operation declares of itself: dispatch reads nothing else.  RFC 4511 4.2 to 4.12"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from oddav.ldap.reader import Message
from oddav.ldap.types import Result

if TYPE_CHECKING:
    from oddav.ldap.session import Session

Run = Callable[["Session", Message], Awaitable[Result | None]]
"""An operation's work. None: it has answered already, or there is no answer."""


class Verb(msgspec.Struct, frozen=True):
    """An operation's declaration. `answer` is the tag of its response, None where there is none."""

    name: str
    rfc: str
    tag: int
    answer: int | None
    run: Run
    controls: frozenset[str] = frozenset()  # those it heeds


def tabulate(verbs: Iterable[Verb]) -> dict[int, Verb]:
    """All operations by their tags."""
    found: dict[int, Verb] = {}
    for verb in verbs:
        if verb.tag in found:
            raise ValueError(f"two operations with the tag {verb.tag}")
        found[verb.tag] = verb
    return found
