"""COUNTER: an attendee proposes another time.  RFC 5546 3.2.7"""

from oddav.itip.methods.reply import updated
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing, attendees, standing


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:
    """The answer in it counts; the proposal lies in the inbox until the organizer decides."""
    if kept is None or kept.organizer not in arrival.mine:
        raise Ignored("the recipient does not organize it")
    if arrival.sender not in kept.invited() or arrival.sender not in told.invited():
        raise Ignored("the sender is not invited")
    said = told.copy()
    for key, part in told.parts.items():
        if standing(attendees(part).get(arrival.sender)) in ("", "NEEDS-ACTION"):
            said.drop(key)
    try:
        return Received(updated(kept, said, arrival).octets() if said.parts else None)
    except Ignored:
        return Received(None)
