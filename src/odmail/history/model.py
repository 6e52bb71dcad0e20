"""One thing that happened to a message, or to a session that brought none."""

from collections.abc import Callable, Mapping

import msgspec

MOST_NAMES = 2000
"""Of one event: more recipients than that no message has."""

_LONGEST = 320


class Event(msgspec.Struct, frozen=True, gc=False):
    """`what` happened at `at` to the message (or in the session) `id`; `names` are what it is found by."""

    id: str
    at: float  # seconds since the epoch
    what: str  # "accepted", "delivered", "refused", ...
    facts: Mapping[str, object]
    names: tuple[str, ...] = ()


Note = Callable[[Event], None]
"""Keeps an event some time later. Never blocks, never fails."""


def nothing(_: Event) -> None:
    """Where no history is kept."""


def key(name: str) -> str:
    """An address, Message-ID or id as it is looked up: whatever case and brackets it was written in."""
    return name.strip().strip("<>").lower()[:_LONGEST]
