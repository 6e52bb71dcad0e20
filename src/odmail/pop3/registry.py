"""What a verb declares of itself: dispatch and CAPA read nothing else.  RFC 2449 5"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from odmail.pop3.types import Reply, State

if TYPE_CHECKING:
    from odmail.pop3.session import Session

Run = Callable[["Session", bytes], Awaitable[Reply | None]]
"""A verb's work, given its arguments. None: it has answered already."""


def _nothing(_session: "Session") -> Iterable[str]:
    return ()


class Verb(msgspec.Struct, frozen=True):
    """A verb's declaration."""

    name: bytes
    rfc: str
    run: Run
    states: State
    capabilities: Callable[["Session"], Iterable[str]] = _nothing  # lines of CAPA, at this moment


def tabulate(verbs: Iterable[Verb]) -> dict[bytes, Verb]:
    """All verbs by name."""
    found: dict[bytes, Verb] = {}
    for verb in verbs:
        if verb.name in found:
            raise ValueError(f"two verbs called {verb.name.decode()}")
        found[verb.name] = verb
    return found
