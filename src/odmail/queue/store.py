"""The queue of one node, in SQLite: any number of processes accept, one drains."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from odcore import clock, ids
from odcore.blob.api import Body
from odcore.blob.incoming import Incoming
from odcore.blob.store import Blobs
from odcore.bus.api import QueueWork
from odcore.sql.database import CHECKPOINT, Database
from odmail.history.model import Note, nothing
from odmail.queue.api import Accept, Kept, Leased, Settled
from odmail.queue.arrivals import Arrivals
from odmail.queue.bodies import LargeBody, SmallBody
from odmail.queue.model import Destination, Queued, Status, new_id
from odmail.queue.ops import destinations, inspect, steer
from odmail.queue.ops.accept import Entry, accept, prepare
from odmail.queue.ops.keep import keep, ready
from odmail.queue.ops.lease import Found, has_due, lease, recover
from odmail.queue.ops.rows import message
from odmail.queue.ops.settle import drop_blobs, in_blobs, is_named, settle
from odmail.queue.schema import SCHEMA
from odmail.queue.told import accepted

log = structlog.get_logger()

LEASE = 3600
"""Seconds a worker may keep a message: longer than the longest conversation with a slow peer (RFC 5321 4.5.3.2)."""

_SLOWEST = 500
"""Octets a second at which the slowest peer takes a body."""

_YOUNG = 300
"""Seconds in which a lease need not be looked after."""


class SqliteQueue:
    """`odmail.queue.api.Queue` below one folder: `queue.sqlite`, `blobs/`, `tmp/`."""

    def __init__(self, folder: Path, publish: Callable[[msgspec.Struct], None], note: Note = nothing) -> None:
        """`note` is told of what is accepted."""
        self._note = note
        self._database = Database(folder / "queue.sqlite", SCHEMA)
        self._blobs = Blobs(folder)
        self._publish = publish
        self._worker = ids.readable(8)
        self._arrivals = Arrivals(self._commit)
        self._database.checkpoint = 8 * CHECKPOINT  # the process that drains does it sooner: nobody waits for it there

    def incoming(self) -> Incoming:
        """A place for a message's octets whose file, when it needs one, can be linked by `accept`."""
        return self._blobs.incoming()

    def accept(self, options: Accept) -> str:
        name = options.id or new_id()
        event = accepted(name, options)
        self._commit([prepare(name, options)])
        self._note(event)
        return name

    def accept_soon(self, options: Accept, done: Callable[[str | Exception], None]) -> None:
        name = options.id or new_id()
        event = accepted(name, options)

        def told(error: Exception | None) -> None:
            if error is None:
                self._note(event)
            done(error or name)

        self._arrivals.add(prepare(name, options), told)

    def lease(self, most: int, instant: int) -> list[Leased]:
        with self._database.read() as cursor:
            if not has_due(cursor, instant):
                return []
        until = instant + LEASE
        found = self._database.submit(lambda cursor: lease(cursor, most, instant, until, self._worker), durable=False)
        return [self._leased(each, until) for each in found]

    def keep(self, leased: Leased, numbers: Sequence[int], instant: int) -> Kept:
        patience = LEASE + leased.body.size // _SLOWEST
        if leased.until - instant > patience - _YOUNG:
            return Kept(frozenset(numbers), leased.until)
        until = instant + patience
        kept = self._database.submit(
            lambda cursor: keep(cursor, leased.message.id, numbers, self._worker, leased.until, until), durable=False
        )
        return Kept(frozenset(kept), until)

    def ready(self, those: Sequence[tuple[str, int]], instant: int) -> None:
        self._database.submit(lambda cursor: ready(cursor, those, instant), durable=False)

    def settle(self, outcomes: Sequence[Settled]) -> None:
        """P4: rows must be gone for good before their blobs go. Else a power cut may only bring a message twice."""
        with self._database.read() as cursor:
            durable = in_blobs(cursor, {outcome.id for outcome in outcomes})
        self._drop(self._database.submit(lambda cursor: settle(cursor, outcomes, self._worker), durable=durable))

    def recover(self) -> int:
        self._database.checkpoint = CHECKPOINT
        self._database.submit(destinations.forget, durable=False)
        return self._database.submit(lambda cursor: recover(cursor, self._worker), durable=False)

    def sweep(self) -> int:
        with self._database.read() as cursor:
            return self._blobs.sweep(lambda digest: is_named(cursor, digest))

    def note_destinations(self, changed: Sequence[Destination]) -> None:
        self._database.submit(lambda cursor: destinations.note(cursor, changed), durable=False)

    def destinations(self, most: int = 1000) -> list[Destination]:
        with self._database.read() as cursor:
            return destinations.destinations(cursor, clock.timestamp(), most)

    def list(self, text: str = "", status: Status | None = None, most: int = 1000) -> list[Queued]:
        with self._database.read() as cursor:
            return inspect.list_messages(cursor, text, status, most)

    def show(self, id: str) -> Queued:
        with self._database.read() as cursor:
            return inspect.show(cursor, id)

    def read(self, id: str) -> Body:
        with self._database.read() as cursor:
            row = inspect.row_of(cursor, id)
        return self._body(row)

    def retry(self, ids: Sequence[str]) -> int:
        count = self._database.submit(lambda cursor: steer.retry(cursor, ids, clock.timestamp()))
        self._publish(QueueWork())
        return count

    def hold(self, ids: Sequence[str]) -> int:
        return self._database.submit(lambda cursor: steer.hold(cursor, ids))

    def release(self, ids: Sequence[str]) -> int:
        count = self._database.submit(lambda cursor: steer.release(cursor, ids, clock.timestamp()))
        self._publish(QueueWork())
        return count

    def reroute(self, ids: Sequence[str], route: str) -> int:
        count = self._database.submit(lambda cursor: steer.reroute(cursor, ids, route, clock.timestamp()))
        self._publish(QueueWork())
        return count

    def approve(self, id: str, lists: tuple[str, ...], numbers: Sequence[int]) -> None:
        self._database.submit(lambda cursor: steer.approve(cursor, id, lists, numbers, clock.timestamp()))
        self._publish(QueueWork())

    def delete(self, ids: Sequence[str]) -> int:
        count, digests = self._database.submit(lambda cursor: steer.delete(cursor, ids))
        self._drop(digests)
        return count

    def close(self) -> None:
        self._arrivals.close()
        self._database.close()

    def _commit(self, entries: Sequence[Entry]) -> None:
        self._database.submit(lambda cursor: accept(cursor, self._blobs, entries))
        self._publish(QueueWork())

    def _drop(self, digests: Sequence[str]) -> None:
        if digests:
            self._database.submit(lambda cursor: drop_blobs(cursor, self._blobs, digests))

    def _leased(self, found: Found, until: int) -> Leased:
        (*row, octets), standings = found
        leased = message(row, standings)
        digest = row[-1]
        path = None if digest is None else str(self._blobs.path(digest))
        return Leased(
            message=leased, due=leased.recipients, body=self._body(row), path=path, octets=octets, until=until
        )

    def _body(self, row: Sequence[Any]) -> Body:
        _, name, _, size, _, _, digest = row
        if digest is None:
            return SmallBody(self._database, name, size)
        return LargeBody(self._blobs, digest, name, size)
