"""The queue's port: accept durably, lease what is due, settle what became of it."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from odcore.blob.api import Body, Source
from odmail.queue.model import Destination, Envelope, Origin, Queued, QueuedRecipient, Status


class Accept(msgspec.Struct, frozen=True):
    """A message to be delivered. `source` ends with CRLF and holds no bare CR or LF."""

    envelope: Envelope
    origin: Origin
    source: Source
    due: int | None = None  # not before, seconds since the epoch
    held: bool = False  # nothing happens before somebody releases it
    id: str = ""  # from `new_id`, when the message already names it in its Received field
    parent: str = ""  # the message of ours that it was made of, for the history


class Leased(msgspec.Struct, frozen=True):
    """A message and those of its recipients that are due, held by one worker until settled or the lease ends."""

    message: Queued
    due: tuple[QueuedRecipient, ...]
    body: Body
    path: str | None  # the fsynced file that holds the body, for hard links; None when it lies in the database
    octets: bytes | None = None  # a small body, as it was when leased: for whoever needs all of it at once
    until: int = 0  # when the lease ends, seconds since the epoch


class Kept(msgspec.Struct, frozen=True):
    """Recipients whose lease goes on, and until when, seconds since the epoch."""

    numbers: frozenset[int]
    until: int


class Settled(msgspec.Struct, frozen=True):
    """One recipient's outcome. WAITING with `due` is a deferral."""

    id: str
    number: int
    status: Status
    reply: str
    due: int = 0
    tried: bool = True  # False: put back without an attempt
    notified: bool = False  # the sender has been told of the delay


class Queue(Protocol):
    """A node's queue."""

    def accept(self, options: Accept) -> str:
        """Durable when it returns; concurrent calls share a commit. The queue id."""

    def accept_soon(self, options: Accept, done: Callable[[str | Exception], None]) -> None:
        """`accept` for a small message, from a thread that must not wait: `done` is told by another one."""

    def lease(self, most: int, instant: int) -> list[Leased]:
        """Due messages, oldest first; leased to this process until settled, or until the lease runs out."""

    def keep(self, leased: Leased, numbers: Sequence[int], instant: int) -> Kept:
        """Before anything is done that takes long: those of its recipients that are still held by this very lease.

        A lease of some age begins anew for them; of one who was given to somebody else meanwhile nothing may be done,
        and nothing of anybody once the lease has ended.
        """

    def ready(self, those: Sequence[tuple[str, int]], instant: int) -> None:
        """What was put back untried is due before all else: message id and number of each recipient."""

    def settle(self, outcomes: Sequence[Settled]) -> None:
        """One transaction. A message whose recipients are all delivered or failed leaves the queue.

        A power cut right afterwards may bring back what was settled: it is delivered again rather than lost.

        What is no longer there is passed over, and so is a deferral by one who lost the lease meanwhile.
        """

    def recover(self) -> int:
        """Void every lease of another process, when the one draining process starts; how many there were."""

    def sweep(self) -> int:
        """Delete files that crashes left behind, a daily duty; how many."""

    def note_destinations(self, changed: Sequence[Destination]) -> None:
        """How these stand now, for `destinations`; after `recover` all are open."""

    def destinations(self, most: int = 1000) -> list[Destination]:
        """Those that mail waits for or that are not open, most mail first."""

    def list(self, text: str = "", status: Status | None = None, most: int = 1000) -> list[Queued]:
        """Oldest first; `text` is part of an id or an address."""

    def show(self, id: str) -> Queued: ...

    def read(self, id: str) -> Body: ...

    def retry(self, ids: Sequence[str]) -> int:
        """Due now, except what is to be sent later and was never tried; how many."""

    def hold(self, ids: Sequence[str]) -> int: ...

    def release(self, ids: Sequence[str]) -> int:
        """What was held is due as by `retry`; how many."""

    def reroute(self, ids: Sequence[str], route: str) -> int:
        """From the next try on, which is due, to the outside by the server `route`, "" by MX; how many."""

    def approve(self, id: str, lists: tuple[str, ...], numbers: Sequence[int]) -> None:
        """Moderated lists let it through: those of its recipients are due."""

    def delete(self, ids: Sequence[str]) -> int:
        """Gone without a bounce; how many."""
