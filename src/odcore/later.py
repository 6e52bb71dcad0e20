"""Values that come later, and the few lines that run a coroutine waiting for them.

The engine's coroutines await nothing but `Later`s: what runs on another thread, the next line of the client, room in
the socket. The server makes Deferreds of its own fulfil them; tests fulfil them at once.
"""

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Disconnected(Exception):
    """The client is gone, so nothing can be said to it or read from it any more."""


class Later(Generic[T]):
    """One value or exception for one waiter."""

    __slots__ = ("_error", "_value", "_wake", "done")

    def __init__(self) -> None:
        self.done = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._wake: Callable[[], None] | None = None

    def set(self, value: T) -> None:
        """Here it is; the waiter goes on before this returns."""
        self._finish(value, None)

    def fail(self, error: BaseException) -> None:
        """It will never be; the waiter gets `error`."""
        self._finish(None, error)

    def then(self, wake: Callable[[], None]) -> None:
        """Call `wake` once done."""
        self._wake = wake

    def __await__(self) -> Generator["Later[T]", None, T]:
        if not self.done:
            yield self
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # a T once done

    def _finish(self, value: T | None, error: BaseException | None) -> None:
        if self.done:
            return
        self.done, self._value, self._error = True, value, error
        wake, self._wake = self._wake, None
        if wake is not None:
            wake()


def now(value: T) -> Later[T]:
    """A Later that is done."""
    later: Later[T] = Later()
    later.set(value)
    return later


def drive(coroutine: Coroutine[Later[Any], None, None]) -> None:
    """Run `coroutine` until it ends, however many times it must wait. It has to deal with its own exceptions."""
    while True:
        try:
            later = coroutine.send(None)
        except StopIteration:
            return
        if not later.done:
            later.then(lambda: drive(coroutine))
            return
