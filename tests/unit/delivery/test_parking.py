"""What found no room is fetched once, as far as there is room, and never more of it remembered than may be."""

from odmail.delivery import parking
from odmail.delivery.parking import Parking


def everything(wanted, _most):
    return dict(wanted)


def test_as_many_are_taken_as_are_admitted_and_each_once():
    parked = Parking()
    parked.park("a.example", [("m1", 0), ("m2", 0), ("m3", 0)])
    parked.park("b.example", [("m1", 1)])
    parked.park("a.example", [("m3", 0)])
    wanted = []
    taken = parked.take(lambda each, most: wanted.append((dict(each), most)) or {"a.example": 2}, 9)
    assert (wanted, taken) == ([({"a.example": 3, "b.example": 1}, 9)], [("m1", 0), ("m2", 0)])
    assert parked.take(everything, 9) == [("m1", 1), ("m3", 0)]  # in turn
    assert parked.take(everything, 9) == []


def test_who_found_room_is_not_fetched():
    parked = Parking()
    parked.park("a.example", [("m1", 0), ("m2", 0)])
    parked.leave("a.example", [("m1", 0), ("m7", 0)])
    parked.leave("b.example", [("m1", 0)])
    assert parked.take(everything, 9) == [("m2", 0)]


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(parking, "MOST", 2)
    parked = Parking()
    parked.park("a.example", [("m1", 0)])
    parked.park("b.example", [("m2", 0), ("m3", 0)])
    parked.park("c.example", [("m4", 0)])
    assert parked.take(everything, 9) == [("m1", 0), ("m2", 0)]
    parked.park("c.example", [("m4", 0)])
    assert parked.take(everything, 9) == [("m4", 0)]
