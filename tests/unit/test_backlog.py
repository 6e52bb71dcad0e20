"""A thread that writes what waits: in order, in batches, with a bound."""

from itertools import chain
from threading import Event

from odcore.backlog import Backlog


class _Pen:
    """Writes when it may."""

    def __init__(self) -> None:
        self.may = Event()
        self.began = Event()
        self.batches: list[list[int]] = []

    def write(self, batch: list[int]) -> None:
        """For a Backlog."""
        self.began.set()
        self.may.wait()
        self.batches.append(batch)


def _busy(pen: _Pen, *, most: int = 5, at_once: int = 3) -> Backlog[int]:
    """One whose thread holds number 0 and cannot go on."""
    backlog = Backlog("test", pen.write, most=most, at_once=at_once)
    assert backlog.offer(0)
    pen.began.wait()
    return backlog


def test_what_came_meanwhile_is_written_together_and_in_order():
    """No more than `at_once`."""
    pen = _Pen()
    backlog = _busy(pen)
    for number in range(1, 6):
        assert backlog.offer(number)
    pen.may.set()
    backlog.flush()
    assert pen.batches == [[0], [1, 2, 3], [4, 5]]
    backlog.close()


def test_no_more_waits_than_there_is_room_for():
    """What cannot wait is refused, and nothing else is lost."""
    pen = _Pen()
    backlog = _busy(pen)
    assert [backlog.offer(number) for number in range(1, 8)] == [True] * 5 + [False] * 2
    pen.may.set()
    backlog.close()
    assert list(chain.from_iterable(pen.batches)) == [0, 1, 2, 3, 4, 5]


def test_one_that_must_wait_for_room_gets_it():
    """As soon as a batch is taken."""
    pen = _Pen()
    backlog = _busy(pen, most=1)
    assert backlog.offer(1)
    pen.may.set()
    backlog.put(2)
    backlog.close()
    assert list(chain.from_iterable(pen.batches)) == [0, 1, 2]


def test_a_pause_is_over_when_it_shall_close():
    """A writer that tries again every minute holds up nobody's end."""
    tries = []

    def write(batch: list[int]) -> None:
        tries.append(batch)
        backlog.pause(60.0)

    backlog = Backlog("test", write, most=1, at_once=1)
    assert backlog.offer(1)
    backlog.close()
    assert tries == [[1]]
