"""REPLY: an answer comes to the organizer's copy.  RFC 5546 3.2.3"""

from oddav.content import Component, Line
from oddav.itip.compare import begins
from oddav.itip.message import happens, instance
from oddav.itip.model import Arrival, Ignored, Received
from oddav.itip.thing import Thing, attendees, number, plain, replace, standing

_MOST = 50
"""Instances answered in one message."""


def receive(kept: Thing | None, told: Thing, arrival: Arrival) -> Received:
    """Only what the sender says of themselves counts, and only of the time that it is at now."""
    made = updated(kept, told, arrival)
    return Received(made.octets())


def updated(kept: Thing | None, told: Thing, arrival: Arrival) -> Thing:
    """The organizer's object with the answer in it. Ignored for who is not invited, and for an old answer."""
    if kept is None:
        raise Ignored("nothing of it is here")
    if kept.organizer not in arrival.mine:
        raise Ignored("the recipient does not organize it")
    if len(told.parts) > _MOST:
        raise Ignored("it answers too much")
    made = kept.copy()
    changed = False
    for key, part in told.parts.items():
        line = attendees(part).get(arrival.sender)
        if line is None:
            continue
        target = made.parts.get(key)
        if target is None and key is not None and key not in made.excluded() and happens(made, key):
            target = instance(made, key)
            made.put(target)
        if target is not None and (number(part) >= number(target) or begins(told, part) == begins(made, target)):
            changed |= _answer(target, part, line, arrival.sender)
    if not changed:
        raise Ignored("it says nothing new of anybody invited")
    return made


def _answer(target: Component, part: Component, said: Line, sender: str) -> bool:
    line = attendees(target).get(sender)
    stamp = part.text("DTSTAMP")
    if line is None or stamp < line.params.get("X-REPLIED", ""):
        return False
    delegated = said.params.get("DELEGATED-TO")
    told = line.having(
        PARTSTAT=standing(said),
        RSVP=None,
        SCHEDULE_STATUS="2.0",
        X_REPLIED=stamp or None,
        DELEGATED_TO=delegated,
        SENT_BY=said.params.get("SENT-BY"),
    )
    if told.text == line.text:
        return False
    replace(target, line, told)
    for who, each in attendees(part).items():
        from_ = [plain(one.strip(' "')) for one in each.params.get("DELEGATED-FROM", "").split(",")]
        if sender in from_ and standing(said) == "DELEGATED" and who not in attendees(target):
            target.lines.append(each.having(PARTSTAT="NEEDS-ACTION", RSVP="TRUE"))
    return True
