"""Sessions end when their people may no longer be there."""

from twisted.internet.defer import Deferred, execute
from twisted.internet.task import Clock

from odcore.bus.api import DirectoryChanged
from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.identity.api import Principal
from odcore.net.standing import Standing


def principal(name: str) -> Principal:
    return Principal(
        Person(name, "", name, name, (f"{name}@odisha.example",)),
        AccountRef(name, AccountKind.PERSON, f"{name}@odisha.example", name),
    )


class Guest:
    def __init__(self, name: str = "") -> None:
        self.principal = principal(name) if name else None
        self.out = False

    def show_out(self) -> None:
        self.out = True


class Hop:
    """Calls at once, or waits to be told to."""

    def __init__(self) -> None:
        self.held: list[tuple[Deferred, object, tuple]] | None = None
        self.calls = 0

    def call(self, function, *args):
        self.calls += 1
        if self.held is None:
            return execute(function, *args)
        deferred: Deferred = Deferred()
        self.held.append((deferred, function, args))
        return deferred


class House:
    """A bus, a sign-in and a Standing over some guests."""

    def __init__(self, *guests: Guest) -> None:
        self.guests, self.gone, self.clock, self.hop = list(guests), set(), Clock(), Hop()
        self.standing = Standing(lambda: self.guests, self, self.hop, self, self.clock)
        self.standing.start()

    def subscribe(self, kind, call):
        self.tell = call
        return lambda: None

    def still_valid(self, who: Principal) -> bool:
        if who.person.id == "bug":
            raise RuntimeError("a bug")
        return who.person.id not in self.gone


def test_a_change_ends_the_sessions_it_concerns_at_once() -> None:
    """And asks about no others."""
    house = House(Guest("a"), Guest("b"), Guest())
    house.gone = {"a", "b"}
    house.tell(DirectoryChanged(("a",)))
    assert [guest.out for guest in house.guests] == [True, False, False]


def test_without_any_hint_they_end_within_seconds() -> None:
    """Also beside a session that a bug of ours concerns."""
    house = House(Guest("bug"), Guest("a"), Guest("c"))
    house.gone = {"a"}
    house.clock.advance(4.5)
    assert [guest.out for guest in house.guests] == [False, True, False]


def test_a_slow_directory_is_asked_once_at_a_time() -> None:
    """And whoever signed in anew meanwhile is not meant."""
    guest = Guest("a")
    house = House(guest)
    house.hop.held = []
    house.gone = {"a"}
    for _ in range(5):
        house.clock.advance(4.5)
    assert house.hop.calls == 1
    guest.principal = principal("b")
    deferred, function, args = house.hop.held.pop()
    deferred.callback(function(*args))
    assert not guest.out
    house.clock.advance(4.5)
    assert house.hop.calls == 2


def test_nobody_signed_in_is_no_work() -> None:
    house = House(Guest())
    house.clock.advance(9.0)
    assert house.hop.calls == 0
    house.standing.stop()
