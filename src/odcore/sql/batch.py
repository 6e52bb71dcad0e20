"""Group commit: whoever asks for a transaction while another commits joins the next one.

The first caller leads: it runs what waits (each piece in a savepoint of its own), commits once and hands the lead
on. While its fsync lasts, others collect. Nobody waits for company, so a lone caller pays no delay.
"""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from odcore.sql.database import Cursor

T = TypeVar("T")

_MOST = 64
"""Pieces of work in one commit: more gains little and makes the first one wait."""


class _Ticket(Generic[T]):
    """One caller's work and what became of it."""

    __slots__ = ("durable", "error", "gate", "leads", "result", "work")

    def __init__(self, work: "Callable[[Cursor], T]", durable: bool) -> None:
        self.work = work
        self.durable = durable
        self.gate = Lock()
        self.gate.acquire()
        self.leads = False
        self.result: T | None = None
        self.error: BaseException | None = None


class Batch:
    """Shares the transactions of one database among threads."""

    def __init__(self, write: "Callable[[bool], AbstractContextManager[Cursor]]") -> None:
        self._write = write
        self._lock = Lock()
        self._waiting: deque[_Ticket[Any]] = deque()
        self._led = False

    def submit(self, work: "Callable[[Cursor], T]", durable: bool) -> T:
        """Run `work`; when this returns its effects are there (`durable`: on disk); when it raises there are none."""
        ticket = _Ticket(work, durable)
        with self._lock:
            self._waiting.append(ticket)
            ticket.leads = not self._led
            self._led = True
        if not ticket.leads:
            ticket.gate.acquire()
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def _lead(self) -> None:
        """Commit one batch (the leader's own ticket is the first in it), then wake its owners and the next leader."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
        try:
            with self._write(any(ticket.durable for ticket in batch)) as cursor:
                _run(batch, cursor)
        except BaseException as error:  # noqa: BLE001 - every owner raises it
            for ticket in batch:
                ticket.error = ticket.error or error
        finally:
            self._hand_over(batch)

    def _hand_over(self, batch: list[_Ticket[Any]]) -> None:
        with self._lock:
            self._led = bool(self._waiting)
            heir = self._waiting[0] if self._waiting else None
        if heir is not None:
            heir.leads = True
            heir.gate.release()
        for ticket in batch[1:]:
            ticket.gate.release()


def _run(batch: list[_Ticket[Any]], cursor: "Cursor") -> None:
    """Each piece in a savepoint. An error that ended the whole transaction (a full disk) ends the batch."""
    if len(batch) == 1:
        batch[0].result = batch[0].work(cursor)
        return
    for ticket in batch:
        cursor.execute("SAVEPOINT piece")
        try:
            ticket.result = ticket.work(cursor)
        except BaseException as error:
            if not cursor.connection.in_transaction:
                raise
            cursor.execute("ROLLBACK TO piece")
            ticket.error = error
        cursor.execute("RELEASE piece")
