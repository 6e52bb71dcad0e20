"""How a verb's file declares it, and the tables made of all declarations."""

import enum
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from odmail.smtp.types import Reply, Service, State

if TYPE_CHECKING:
    from odmail.smtp.session import Session

Run = Callable[["Session", bytes], Coroutine[Any, Any, Reply | Sequence[Reply]]]

EVERYWHERE: Mapping[State, State] = {state: state for state in State}
"""For verbs that change nothing about where a session stands."""

TO_READY: Mapping[State, State] = dict.fromkeys(State, State.READY)


class Guard(enum.Enum):
    """What must have happened before a verb runs at all."""

    NONE = "none"
    TLS = "tls"  # on services that ask people to sign in
    SIGN_IN = "sign-in"  # likewise


def _no_keywords(_session: "Session") -> Iterable[str]:
    return ()


def _any_service(_service: Service) -> bool:
    return True


class Verb(msgspec.Struct, frozen=True):
    """One verb's declaration."""

    name: str
    rfc: str
    run: Run
    moves: Mapping[State, State]  # where it may be said, and where a positive reply leads
    guard: Guard = Guard.NONE
    keywords: Callable[["Session"], Iterable[str]] = _no_keywords  # for the reply to EHLO, at this moment
    offered: Callable[[Service], bool] = _any_service
    junk: bool = False  # moves no mail: too many of these end the session


class Table(msgspec.Struct, frozen=True):
    """All verbs, and the state machine they make: what is not in `moves` is out of sequence."""

    verbs: Mapping[str, Verb]
    moves: Mapping[tuple[State, str], State]


def tabulate(verbs: Iterable[Verb]) -> Table:
    """Of all declarations."""
    found = {verb.name: verb for verb in verbs}
    return Table(found, {(state, name): after for name, verb in found.items() for state, after in verb.moves.items()})
