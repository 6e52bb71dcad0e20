"""The dead take nothing from the living: not their threads, not their room."""

import threading
from collections.abc import Callable

import pytest

from odmail.delivery import lanes
from odmail.delivery.lanes import Lanes
from odtest.daemon import until


class World:
    """The dead keep their visitors until `over`; whoever answers is known from then on."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.done: list[tuple[str, int]] = []
        self.over = threading.Event()
        self.visitors: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self._lock = threading.Lock()

    def width(self, each: int) -> Callable[[str], int]:
        return lambda destination: each if destination in self.known else 0

    def work(self, destination: str, job: int) -> None:
        with self._lock:
            self.visitors[destination] = self.visitors.get(destination, 0) + 1
            self.most[destination] = max(self.most.get(destination, 0), self.visitors[destination])
        if destination.startswith("dead"):
            self.over.wait()
        with self._lock:
            self.visitors[destination] -= 1
            self.done.append((destination, job))
            if not destination.startswith("dead"):
                self.known.add(destination)


@pytest.fixture
def world():
    made = World()
    yield made
    made.over.set()


def until_done(world: World, count: int) -> None:
    for _ in range(1000):
        if len([each for each in world.done if each[0] == "living"]) >= count:
            return
        world.over.wait(0.01)
    raise AssertionError(world.done)


def test_the_living_are_served_while_more_dead_are_visited_than_there_are_threads(world):
    made = Lanes(2, world.work, world.width(2))
    for number in range(50):
        made.enter(f"dead{number}", 0)
        made.enter(f"dead{number}", 1)
    for number in range(100):
        assert made.enter("living", number)
    until_done(world, 100)
    assert all(world.most[f"dead{number}"] == 1 for number in range(50))
    world.over.set()
    made.drain()
    assert len(world.done) == len(set(world.done)) == 200
    made.close()


def test_who_is_known_gets_as_many_conversations_as_may_be(world):
    world.known.add("dead")  # it answered a minute ago
    made = Lanes(8, world.work, world.width(3))
    for number in range(9):
        made.enter("dead", number)
    for _ in range(200):
        if world.most.get("dead") == 3:
            break
        world.over.wait(0.01)
    assert world.most["dead"] == 3
    world.over.set()
    made.close()
    assert world.most["dead"] == 3


def test_who_may_have_fewer_conversations_gets_fewer_once_those_under_way_are_over(world):
    world.known.add("dead")
    widths = [4]
    made = Lanes(8, world.work, lambda _: widths[-1])
    for number in range(9):
        made.enter("dead", number)
    until(lambda: world.visitors.get("dead") == 4, "four are there")
    widths.append(1)
    world.most.clear()
    world.over.set()
    made.drain()
    made.close()
    assert (len(world.done), world.most["dead"]) == (9, 1)  # nobody came beside those who were there


def test_what_waits_for_the_dead_leaves_room_for_the_living(world, monkeypatch):
    monkeypatch.setattr(lanes, "_MOST_EACH", 3)
    monkeypatch.setitem(lanes._MOST, False, 5)
    world.known.add("living")
    made = Lanes(2, world.work, world.width(2))
    taken = [made.enter(f"dead{number % 3}", number) for number in range(60)]
    assert taken.count(True) <= 3 + 5  # three are visited
    assert made.enter("living", 1)
    world.over.set()
    made.drain()
    assert len(world.done) == taken.count(True) + 1
    made.close()


def test_who_is_admitted_finds_room(world, monkeypatch):
    monkeypatch.setattr(lanes, "_MOST_EACH", 3)
    monkeypatch.setitem(lanes._MOST, False, 5)
    monkeypatch.setitem(lanes._MOST, True, 7)
    world.known.update({"living", "lively"})
    made = Lanes(2, world.work, world.width(2))
    wanted = {"dead1": 9, "dead2": 9, "dead3": 9, "living": 4, "lively": 9}
    assert made.admit(wanted, 0) == {}
    assert made.admit(dict.fromkeys(["living", "lively"], 9), 6) == {"living": 6}
    assert made.admit(dict.fromkeys(["living", "lively"], 90), 22) == {"living": 7}  # there is no more room
    admitted = made.admit(wanted, 99)
    assert admitted == {"dead1": 3, "dead2": 2, "living": 4, "lively": 3}
    assert all(made.enter(destination, n) for destination, count in admitted.items() for n in range(count))
    world.over.set()
    made.close()


@pytest.mark.parametrize(("turn", "order"), [(60, "ddd lll"), (0, "dldldl")])
def test_a_thread_stays_with_a_destination_for_a_moment_and_not_for_ever(world, monkeypatch, turn, order):
    monkeypatch.setattr(lanes, "_TURN", turn)
    world.known.update({"dead", "living"})
    made = Lanes(1, world.work, world.width(1))
    for destination in ("dead", "living"):
        for number in range(3):
            made.enter(destination, number)
    world.over.set()
    made.drain()
    made.close()
    assert "".join(destination[0] for destination, _ in world.done) == order.replace(" ", "")


def test_at_the_end_what_waits_is_given_up_and_who_is_under_way_is_waited_for(world):
    made = Lanes(1, world.work, world.width(1))
    for number in range(5):
        made.enter("dead", number)
    threading.Timer(0.1, world.over.set).start()
    made.close()
    assert world.done in ([("dead", 0)], [])
