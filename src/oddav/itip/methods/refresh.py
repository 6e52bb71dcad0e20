"""REFRESH: an attendee asks for the present state.  RFC 5546 3.2.6"""

from oddav.itip.message import seen, sights, write
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:  # noqa: ARG001 - as all methods
    """It is sent again."""
    if kept is None or kept.organizer not in arrival.mine:
        raise Ignored("the recipient does not organize it")
    sight = sights(kept).get(arrival.sender)
    if sight is None:
        raise Ignored("the sender is not invited")
    sent = seen(kept, sight)
    parts = sent.parts.values()
    answer = write("REQUEST", kept.organizer, (arrival.sender,), sent, parts, arrival.now)
    return Received(None, noted=False, messages=(answer,))
