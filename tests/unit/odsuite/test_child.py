"""A child of the supervisor: what cannot begin is told of and tried again, what is not there yet is waited for."""

import structlog
from twisted.internet.task import Clock

from odsuite.child import Child, Program


class _Nobody:
    """A watcher who looks away."""

    def started(self, child: Child) -> None:
        """Nothing."""

    def died(self, child: Child, pid: int) -> None:
        """Nothing."""


def _tries(fault: OSError, seconds: float) -> tuple[int, list[str]]:
    """How often a program is begun within `seconds` that always fails so, and what the log says."""
    tries = []

    def begin():
        tries.append(1)
        raise fault

    clock = Clock()
    with structlog.testing.capture_logs() as said:
        Child(clock, Program("a", begin), _Nobody()).start()
        clock.pump([0.05] * round(seconds / 0.05))
    return len(tries), [line["event"] for line in said]


def test_what_is_not_there_yet_is_waited_for_in_silence():
    """The nursery needs some tenths of a second."""
    tries, said = _tries(ConnectionRefusedError(), 1.0)
    assert tries > 15
    assert said == []


def test_what_cannot_begin_is_told_of_and_tried_with_growing_pauses():
    """A machine without the program that is called."""
    tries, said = _tries(FileNotFoundError("setpriv"), 4.0)
    assert tries == 5  # at once, after 0.2, 0.5, 1.0, 2.0
    assert said == ["process-cannot-start"] * 5
