"""What was looked up, for minutes. One change drops it all: changes are rare, and a right that outlives its end
costs more than a few thousand lookups."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from odcore import clock
from odcore.errors import Fault, Kind

Found = TypeVar("Found")

_LIFE = 300.0
_MOST = 50_000


class Cache:
    """Answers by question, NOT_FOUND among them; never an answer that was asked for before the last change."""

    def __init__(self, life: float = _LIFE, most: int = _MOST) -> None:
        self._life = life
        self._most = most
        self._lock = Lock()
        self._answers: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._generation = 0

    def get(self, question: Hashable, ask: Callable[[], Found]) -> Found:
        """The answer kept, or the one `ask` gives now. A Fault NOT_FOUND is an answer, other Faults are not."""
        with self._lock:
            known = self._answers.get(question)
            generation = self._generation
        if known is None or known[0] < clock.monotonic():
            known = (clock.monotonic() + self._life, _answer(ask))
            self._keep(question, known, generation)
        if isinstance(known[1], Fault):
            raise Fault(known[1].kind, known[1].text)
        return known[1]  # type: ignore[no-any-return]

    def knows(self, question: Hashable) -> bool:
        """Is there an answer, and not NOT_FOUND? Asks nobody."""
        with self._lock:
            known = self._answers.get(question)
        return known is not None and known[0] >= clock.monotonic() and not isinstance(known[1], Fault)

    def drop(self) -> None:
        """Forget everything, also what is being asked at this moment."""
        with self._lock:
            self._generation += 1
            self._answers.clear()

    def _keep(self, question: Hashable, known: tuple[float, Any], generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            self._answers[question] = known
            self._answers.move_to_end(question)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)


def _answer(ask: Callable[[], Found]) -> Found | Fault:
    try:
        return ask()
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return fault
