"""Schedule-Tag: it stays the same while only others' answers change.  RFC 6638 3.2.10"""

from hashlib import blake2b

from oddav.content import Component, Line, written
from oddav.itip.thing import Thing, plain

_OTHERS = {"PARTSTAT": None, "RSVP": None, "SCHEDULE_STATUS": None, "X_REPLIED": None}


def tag(thing: Thing, mine: frozenset[str]) -> str:
    """In quotes."""
    made = Component("VCALENDAR", [], [_plain(each, mine) for each in thing.parts.values()])
    return f'"{blake2b(written(made), digest_size=12).hexdigest()}"'


def _plain(part: Component, mine: frozenset[str]) -> Component:
    return Component(part.name, [_line(each, mine) for each in part.lines if each.name != "DTSTAMP"], part.inner)


def _line(line: Line, mine: frozenset[str]) -> Line:
    if line.name == "ORGANIZER":
        return line.having(SCHEDULE_STATUS=None)
    return line if line.name != "ATTENDEE" or plain(line.value) in mine else line.having(**_OTHERS)


def role(thing: Thing | None, mine: frozenset[str]) -> str:
    """What a calendar user is in it: "organizer", "attendee", "" where it does not concern them.  RFC 6638 3.1"""
    if thing is None:
        return ""
    if thing.organizer in mine:
        return "organizer"
    return "attendee" if not mine.isdisjoint(thing.invited()) else ""
