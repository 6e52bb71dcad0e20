"""An administrator's hand on the queue, from the command line and from pages alike: audited and told."""

from collections.abc import Sequence

from odcore.audit.api import Recorder
from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights
from odmail.delivery.settlement import Settlement
from odmail.history.model import Event, Note
from odmail.queue.api import Queue
from odmail.queue.model import Destination, Queued, Status
from odmail.queue.told import instant

_FEW = 50
"""Messages that one row of the audit trail names."""


class Steering:
    """In the name of `actor`, as the audit trail will name them."""

    def __init__(
        self,
        queue: Queue,
        settlement: Settlement,
        record: Recorder,
        note: Note,
        actor: str,
        mine: Rights | None = None,
    ) -> None:
        """`mine` are the rights of a person who signed in; None: at the command line the data's owner may do all.

        Fault DENIED: the queue holds mail of all offices, so only those may touch it who administer all.
        """
        if mine is not None:
            mine.require(mine.agency)
        self._queue = queue
        self._settlement = settlement
        self._record = record
        self._note = note
        self._actor = actor

    def destinations(self, most: int = 1000) -> list[Destination]:
        """Where mail waits to go, and how these stand, most mail first."""
        return self._queue.destinations(most)

    def list(self, text: str = "", status: Status | None = None, most: int = 1000) -> list[Queued]:
        """Oldest first; `text` is part of an id or an address."""
        return self._queue.list(text, status, most)

    def show(self, name: str) -> Queued:
        """One message, without its content. Fault NOT_FOUND."""
        return self._queue.show(name)

    def content(self, name: str) -> bytes:
        """To read other people's mail leaves a trace. Fault NOT_FOUND."""
        body = self._queue.read(name)
        self._record("queue-read", self._actor, name)
        return body.read()

    def retry(self, names: Sequence[str]) -> int:
        """Due now; how many."""
        return self._done("retried", names, self._queue.retry(names))

    def hold(self, names: Sequence[str]) -> int:
        """Kept until released; how many."""
        return self._done("held", names, self._queue.hold(names))

    def release(self, names: Sequence[str]) -> int:
        """How many."""
        return self._done("released", names, self._queue.release(names))

    def reroute(self, names: Sequence[str], route: str) -> int:
        """What goes to the outside goes by the server `route` ("host:port"), "" by MX again; how many.

        Fault BAD_REQUEST.
        """
        if route:
            try:
                HostPort.parse(route)
            except ValueError as error:
                raise Fault(
                    Kind.BAD_REQUEST, f"{route} is no server such as mail.example:25 or [2001:db8::1]:25."
                ) from error
        return self._done("rerouted", names, self._queue.reroute(names, route), route=route or "by MX")

    def bounce(self, names: Sequence[str], reason: str) -> int:
        """Back to the senders, with reports; how many."""
        count = sum(bool(self._given_back(each, reason)) for each in names)
        return self._done("bounced", names, count, reason=reason)

    def delete(self, names: Sequence[str]) -> int:
        """Gone without a word; how many."""
        return self._done("deleted", names, self._queue.delete(names))

    def _given_back(self, name: str, reason: str) -> int:
        """What has left the queue meanwhile is passed over, as by the others."""
        try:
            return self._settlement.give_back(name, reason)
        except Fault as fault:
            if fault.kind is not Kind.NOT_FOUND:
                raise
            return 0

    def _done(self, what: str, names: Sequence[str], count: int, **facts: str) -> int:
        """Audited and told, if anything was changed."""
        if count:
            few = " ".join(names[:_FEW])
            self._record(f"queue-{what}", self._actor, few, messages=str(count), **facts)
            for each in names:
                self._note(Event(each, instant(), what, {"by": self._actor, **facts}))
        return count
