"""A message arrives: who sent it is known, what is kept of the object is there.  RFC 5546 3.2, RFC 6638 4"""

from oddav.itip.methods import add, cancel, counter, declinecounter, refresh, reply, request
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing, read

_METHODS = {
    "REQUEST": request.receive,
    "REPLY": reply.receive,
    "CANCEL": cancel.receive,
    "COUNTER": counter.receive,
    "DECLINECOUNTER": declinecounter.receive,
    "ADD": add.receive,
    "REFRESH": refresh.receive,
}


_MOST_PARTS = 2000
"""Of a message: it may come from anybody."""


def receive(kept: bytes | None, arrival: Arrival) -> Received:
    """Ignored says why nothing follows. Fault BAD_REQUEST for what is no message."""
    told = message(arrival.octets)
    return _METHODS[told.method](None if kept is None else _kept(kept), told, arrival)


def message(octets: bytes) -> Thing:
    """Ignored where it is no message that changes a calendar. Fault BAD_REQUEST."""
    told = read(octets)
    if told is None or told.method not in _METHODS:
        raise Ignored("it is no such message")
    if len(told.parts) > _MOST_PARTS:
        raise Ignored("it has too many parts")
    if len({part.text("UID") for part in told.parts.values()}) != 1 or not told.uid:
        raise Ignored("it is about more than one thing")
    return told


def _kept(octets: bytes) -> Thing:
    kept = read(octets)
    if kept is None:
        raise Ignored("something private has this UID")
    return kept
