"""A shipment on its way, and the thread that waits for it and reads its blocks meanwhile."""

import queue
from collections.abc import Callable
from typing import Any

from odmail.delivery.ports import Outcome, Shipment
from odmail.smtp.types import Call

Answer = Callable[[Any, BaseException | None], None]
"""What a call returned, or what it raised."""


class Errand:
    """Two sides of one queue: `serve` runs in the thread, `ask` and `end` on the reactor."""

    def __init__(self, shipment: Shipment, begins: float) -> None:
        """`begins`: now, by the reactor's clock."""
        self.shipment = shipment
        self.ends = begins + shipment.seconds
        self._calls: queue.SimpleQueue[tuple[Call[Any], Answer] | None] = queue.SimpleQueue()
        self._outcomes: tuple[Outcome, ...] | None = None

    def serve(self, bring: Callable[..., object]) -> tuple[Outcome, ...] | None:
        """Run calls until the end; `bring` (the reactor's callFromThread) takes answers back. None after a bug."""
        while (asked := self._calls.get()) is not None:
            call, answer = asked
            try:
                result = call.run()
            except Exception as error:  # noqa: BLE001 - it belongs to the coroutine that called
                bring(answer, None, error)
            else:
                bring(answer, result, None)
        return self._outcomes

    def ask(self, call: Call[Any], answer: Answer) -> None:
        """Have a call run; `answer` will be called on the reactor."""
        self._calls.put((call, answer))

    def end(self, outcomes: tuple[Outcome, ...] | None) -> None:
        """The thread may go."""
        self._outcomes = outcomes
        self._calls.put(None)
