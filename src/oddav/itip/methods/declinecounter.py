"""DECLINECOUNTER: the organizer stays with the time.  RFC 5546 3.2.8"""

from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:
    """It lies in the inbox."""
    if kept is None or not kept.organizer == told.organizer == arrival.sender:
        raise Ignored("the sender does not organize it")
    return Received(None)
