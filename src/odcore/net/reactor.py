"""Twisted's epoll reactor with a shorter way from an event to its connection.

Twisted sets up a context for its own log around each event, which nobody here reads (`odcore.log` is ours) and which
costs as much as a small command. What escapes from a connection is logged and closes that connection, as ever.
"""

import errno
import importlib
import select
import sys
from collections.abc import Callable
from typing import Any

from twisted.internet.epollreactor import EPollReactor
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.main import installReactor
from twisted.python import log


class PromptReactor(EPollReactor):
    """One for each process."""

    _poller: Any
    _selectables: dict[int, Any]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._following: list[Callable[[], object]] = []

    def follow(self, call: Callable[[], object]) -> None:
        """Call it right after the event under way, before the next one: what ended makes room for what begins."""
        self._following.append(call)

    def doPoll(self, timeout: float | None) -> None:
        """Wait for events and hand them out."""
        self._follow()
        try:
            events = self._poller.poll(-1 if timeout is None else timeout, len(self._selectables))
        except OSError as error:
            if error.errno == errno.EINTR:
                return
            raise
        for descriptor, event in events:
            selectable = self._selectables.get(descriptor)
            if selectable is None:
                continue
            try:
                self._doReadOrWrite(selectable, descriptor, event)  # type: ignore[no-untyped-call]
            except Exception:  # noqa: BLE001 - the edge: an event costs no more than itself
                log.err()  # type: ignore[no-untyped-call]
            if self._following:
                self._follow()

    doIteration = doPoll

    def _follow(self) -> None:
        calls, self._following = self._following, []
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001
                log.err()  # type: ignore[no-untyped-call]

    def share(self, port: IReadDescriptor) -> None:
        """For a listening port that other processes serve too: a new connection wakes one process that is idle.

        For short connections only: where they stay, whoever was idle when they came would have them all.
        """
        descriptor = port.fileno()
        self.removeReader(port)  # type: ignore[no-untyped-call]
        self._poller.register(descriptor, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        self._reads.add(descriptor)
        self._selectables[descriptor] = port


def process_reactor() -> Any:
    """The one of this process, installed when nobody has done so yet."""
    if "twisted.internet.reactor" not in sys.modules:
        installReactor(PromptReactor())  # type: ignore[no-untyped-call]
    return importlib.import_module("twisted.internet.reactor")
