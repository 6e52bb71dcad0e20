"""Work done at once on a thread that must not wait, as long as there is nothing to wait for.

A hop to another thread costs more than reading a few rows from memory. So such work is first tried where it is asked
for, `in_haste`. What would wait (a lock, a file, a commit) or take long says so by `wait` before it begins, and all of
the work is done again by a thread that may. Only work that has done nothing yet when it reaches such a place may be
tried.
"""

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class MustWait(Exception):
    """Not here."""


class _Thread(threading.local):
    in_haste = False


_thread = _Thread()


def in_haste() -> bool:
    """Must this thread not wait now?"""
    return _thread.in_haste


def wait() -> None:
    """What follows waits or takes long."""
    if _thread.in_haste:
        raise MustWait


def at_once(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run it in haste. MustWait when it cannot be done so."""
    _thread.in_haste = True
    try:
        return function(*args, **kwargs)
    finally:
        _thread.in_haste = False
