"""ADD: one more instance of a series.  RFC 5546 3.2.4"""

from oddav.itip.methods import request
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:
    """An exception on a date of its own."""
    if kept is None or kept.master is None:
        raise Ignored("nothing of it is here")
    made, said = kept.copy(), told.copy()
    for part in said.parts.values():
        start = part.first("DTSTART")
        if start is None:
            raise Ignored("it does not say when")
        part.put(f"RECURRENCE-ID{start.text[len('DTSTART') :]}")
        made.add(start)
    return request.receive(made, said.copy(), arrival)  # a copy knows its parts by what they are now
