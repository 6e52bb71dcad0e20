"""What found no room is fetched once, as far as there is room, and never more of it remembered than may be."""

from odmail.delivery import parking
from odmail.delivery.parking import Parking


def test_as_many_are_taken_as_are_admitted_and_each_once():
    parked = Parking()
    parked.park("a.example", [("m1", 0), ("m2", 0), ("m3", 0)])
    parked.park("b.example", [("m1", 1)])
    parked.park("a.example", [("m3", 0)])
    wanted = []
    taken = parked.take(lambda each: wanted.append(dict(each)) or {"a.example": 2})
    assert (wanted, taken) == ([{"a.example": 3, "b.example": 1}], [("m1", 0), ("m2", 0)])
    assert parked.take(dict) == [("m3", 0), ("m1", 1)]
    assert parked.take(dict) == []


def test_who_found_room_is_not_fetched():
    parked = Parking()
    parked.park("a.example", [("m1", 0), ("m2", 0)])
    parked.leave("a.example", [("m1", 0), ("m7", 0)])
    parked.leave("b.example", [("m1", 0)])
    assert parked.take(dict) == [("m2", 0)]


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(parking, "MOST", 2)
    parked = Parking()
    parked.park("a.example", [("m1", 0)])
    parked.park("b.example", [("m2", 0), ("m3", 0)])
    parked.park("c.example", [("m4", 0)])
    assert parked.take(dict) == [("m1", 0), ("m2", 0)]
    parked.park("c.example", [("m4", 0)])
    assert parked.take(dict) == [("m4", 0)]
