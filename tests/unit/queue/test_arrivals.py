"""Many givers, one commit: what is told as done was committed, and one bad message keeps no other out."""

from threading import Event

from odmail.queue.arrivals import Arrivals


class Disk:
    """Commits slowly, refuses what is "bad", remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = Event()

    def commit(self, entries) -> None:
        self.go.wait(10)
        if "bad" in entries:
            raise OSError("bad")
        self.batches.append(list(entries))


def test_what_comes_during_a_commit_shares_the_next_one():
    disk, told = Disk(), []
    arrivals = Arrivals(disk.commit)
    for number in range(5):
        arrivals.add(str(number), lambda error, number=number: told.append((number, error)))
    assert told == []
    disk.go.set()
    arrivals.close()
    assert told == [(number, None) for number in range(5)]
    assert sum(map(len, disk.batches)) == 5
    assert len(disk.batches) <= 2


def test_one_that_cannot_be_taken_keeps_no_other_out():
    disk, told = Disk(), {}
    arrivals = Arrivals(disk.commit)
    for name in ("first", "second", "bad", "last"):
        arrivals.add(name, lambda error, name=name: told.update({name: error}))
    disk.go.set()
    arrivals.close()
    assert [name for name, error in told.items() if error is None] == ["first", "second", "last"]
    assert isinstance(told["bad"], OSError)


def test_after_the_end_it_begins_anew():
    disk, told = Disk(), []
    disk.go.set()
    arrivals = Arrivals(disk.commit)
    for _ in range(2):
        arrivals.add("one", told.append)
        arrivals.close()
    assert told == [None, None]
