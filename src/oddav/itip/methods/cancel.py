"""CANCEL: it does not take place, or without the recipient.  RFC 5546 3.2.5"""

from oddav.content import Component
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Key, Thing, newest, number


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:
    """What is cancelled as a whole stays to be seen as that; an instance of a series is left out."""
    if kept is None:
        raise Ignored("nothing of it is here")
    if not kept.organizer == told.organizer == arrival.sender:
        raise Ignored("the sender does not organize it")
    if any(_is_older(kept, key, part) for key, part in told.parts.items()):
        raise Ignored("a later state is known")
    made = kept.copy()
    for key, part in told.parts.items():
        if key is None:
            _cancel(made, part)
        elif made.master is not None:
            before = part.first("RECURRENCE-ID")
            assert before is not None
            made.drop(key)
            made.exclude(key, before)
            made.master.put(f"SEQUENCE:{max(number(part), number(made.master))}")
        elif set(made.parts) == {key}:
            _cancel(made, part)
        else:
            made.drop(key)
    return Received(made.octets())


def _is_older(kept: Thing, key: Key, told: Component) -> bool:
    """Than what is known of the same: another instance, cancelled before, may have a higher SEQUENCE."""
    before = kept.parts.get(key) or kept.master
    return number(told) < (newest(kept.parts) if key is None else 0 if before is None else number(before))


def _cancel(thing: Thing, told: Component) -> None:
    for part in thing.parts.values():
        part.put("STATUS:CANCELLED")
        part.put(f"SEQUENCE:{max(number(told), number(part))}")
        part.put(f"DTSTAMP:{told.text('DTSTAMP')}")
