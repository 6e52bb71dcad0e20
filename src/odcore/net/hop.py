"""The one way from the reactor thread to code that may wait: a bounded pool of threads.

Results come back in batches: under load one wake-up of the reactor brings many of them.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure

from odcore import clock, metrics

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Hop:
    """`await hop.call(fn, *args)` runs `fn` in a thread. Calls begin in the order they were made."""

    def __init__(self, reactor: IReactorFromThreads, threads: int, name: str = "hop") -> None:
        self._reactor = reactor
        self._work: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._done: deque[_Call] = deque()
        self._waking = False
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def call(self, fn: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> "Deferred[Result]":
        """From the reactor thread. What `fn` raises is raised where the result is awaited."""
        call = _Call(fn, args, kwargs)
        self._work.put(call)
        return call.deferred

    def soon(self, begin: Callable[[Callable[[Any], None]], None]) -> "Deferred[Any]":
        """For work that needs no thread of its own: `begin(done)` returns at once, `done(result or exception)` is
        called later, from any thread. From the reactor thread."""
        call = _Call(begin, (), {})
        try:
            begin(lambda outcome: self._finished(call, outcome))
        except Exception as error:  # noqa: BLE001 - as with `call`
            self._finished(call, error)
        return call.deferred

    def stop(self, patience: float) -> None:
        """No more calls: wait for those that have begun, at most `patience` seconds."""
        for _ in self._threads:
            self._work.put(None)
        end = clock.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, end - clock.monotonic()))

    def _run(self) -> None:
        while (call := self._work.get()) is not None:
            call.run()
            self._give_back(call)

    def _finished(self, call: "_Call", outcome: Any) -> None:
        call.outcome = Failure(outcome) if isinstance(outcome, Exception) else outcome  # type: ignore[no-untyped-call]
        self._give_back(call)

    def _give_back(self, call: "_Call") -> None:
        self._done.append(call)
        if not self._waking:
            self._waking = True
            self._reactor.callFromThread(self._deliver)

    def _deliver(self) -> None:
        self._waking = False  # before the last look at the queue: a result appended later wakes us again
        for _ in range(len(self._done)):
            self._done.popleft().settle()


class _Call:
    __slots__ = ("_args", "_begun", "_fn", "_kwargs", "deferred", "outcome")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._fn = fn
        self._args = args
        self._kwargs = kwargs
        self._begun = clock.monotonic()
        self.outcome: Any = None
        self.deferred: Deferred[Any] = Deferred()

    def run(self) -> None:
        try:
            self.outcome = self._fn(*self._args, **self._kwargs)
        except BaseException:  # noqa: BLE001 - whatever it is, it belongs to whoever awaits the call
            self.outcome = Failure()  # type: ignore[no-untyped-call]

    def settle(self) -> None:
        metrics.calls.observe(clock.monotonic() - self._begun)
        self.deferred.callback(self.outcome)
