"""iTIP messages, written from parts of an object.  RFC 5546 1.4, RFC 6638 3.2"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import msgspec

from odcore.errors import Fault, Kind
from oddav.calendar.facts import length
from oddav.calendar.rules import instances
from oddav.calendar.times import moment, seconds
from oddav.content import Component, Line, line, written
from oddav.itip.compare import is_own
from oddav.itip.model import Message
from oddav.itip.thing import Key, Thing, attendees

PRODID = "-//odmail//calendar//EN"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECRET = {"SCHEDULE_AGENT": None, "SCHEDULE_STATUS": None, "SCHEDULE_FORCE_SEND": None, "X_REPLIED": None}
_AHEAD = 366 * 86400
"""Seconds of a series that are computed at least: one question is seldom alone."""

_REPEATS = ("RRULE", "RDATE", "EXDATE", "EXRULE")
_BRIEF = ("UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DUE", "DURATION", "SEQUENCE", "SUMMARY", "LOCATION", "ORGANIZER")


def write(method: str, sender: str, to: tuple[str, ...], thing: Thing, parts: Iterable[Component], now: str) -> Message:
    """`now` is the DTSTAMP of all parts; time zones come along."""
    made = Component("VCALENDAR")
    for text in ("VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN", f"METHOD:{method}"):
        made.put(text)
    made.inner = [each for each in thing.others if each.name == "VTIMEZONE"]
    made.inner += [_public(each, now) for each in parts]
    return Message(method, sender, to, written(made))


def brief(part: Component, who: Iterable[Line]) -> Component:
    """What a reply or a cancellation says of a part: which it is, and of whom."""
    return Component(part.name, [each for each in part.lines if each.name in _BRIEF] + list(who))


def _public(part: Component, now: str) -> Component:
    """Without what is one's own: alarms, notes of programs, how messages are sent."""
    kept = [each for each in part.lines if not is_own(each)]
    kept = [each.having(**_SECRET) if each.name in ("ATTENDEE", "ORGANIZER") else each for each in kept]
    made = Component(part.name, kept)
    made.put(f"DTSTAMP:{now}")
    return made


class Sight(msgspec.Struct, frozen=True):
    """What somebody is invited to: parts, and instances of the series that are left out."""

    keys: frozenset[Key]
    excluded: frozenset[int] = frozenset()


NOTHING = Sight(frozenset())


def sights(thing: Thing | None) -> dict[str, Sight]:
    """Of everybody who is invited."""
    if thing is None:
        return {}
    parts = {key: set(attendees(part)) for key, part in thing.parts.items()}
    excluded = thing.excluded()
    series = parts.get(None, set())
    found: dict[str, Sight] = {}
    for who in thing.invited():
        keys = frozenset(key for key, there in parts.items() if who in there)
        left_out = {key for key in parts if key is not None and key not in keys}
        found[who] = Sight(keys, frozenset(excluded | left_out) if who in series else frozenset())
    return found


def seen(thing: Thing, sight: Sight) -> Thing:
    """The object as those see it."""
    made = thing.copy()
    for key in sight.excluded - made.excluded():
        made.exclude(key, at(thing, key))
    for unseen in made.parts.keys() - sight.keys:
        made.drop(unseen)
    return made


def happens(thing: Thing, key: int) -> bool:
    """Is there such an instance of the series, left out or not? Fault LIMIT, BAD_REQUEST."""
    master = thing.master
    start = None if master is None else master.first("DTSTART")
    if master is None or start is None:
        return False
    if thing.series is None or thing.series[0] <= key:
        bare = Component(master.name, [each for each in master.lines if each.name != "EXDATE"])
        last = max(key, seconds(moment(start, thing.zones)) + _AHEAD)
        until = _EPOCH + timedelta(seconds=min(max(last, 0), 1 << 36) + 86400)
        found, _ = instances(bare, moment(start, thing.zones), until, thing.zones)
        thing.series = last + 1, frozenset(map(seconds, found))
    return key in thing.series[1]


def instance(thing: Thing, key: int) -> Component:
    """One instance of the series as a part of its own; the caller knows that it happens. Fault BAD_REQUEST."""
    master = thing.master
    start = None if master is None else master.first("DTSTART")
    if master is None or start is None:
        raise Fault(Kind.BAD_REQUEST, "A series needs a DTSTART.")
    begins = moment(start, thing.zones)
    lasts = length(master, begins, thing.zones)
    made = Component(master.name, [each for each in master.lines if each.name not in _REPEATS])
    for name in ("DTEND", "DUE"):
        if made.first(name) is not None:
            made.put(_at(start, begins, key + lasts, name).text)
    made.put(_at(start, begins, key, "DTSTART").text)
    made.put(_at(start, begins, key, "RECURRENCE-ID").text)
    return made


def at(thing: Thing, key: int) -> Line:
    """The RECURRENCE-ID of an instance."""
    told = next((part.first("RECURRENCE-ID") for each, part in thing.parts.items() if each == key), None)
    found = told or instance(thing, key).first("RECURRENCE-ID")
    assert found is not None
    return found


def _at(like: Line, begins: date, instant: int, name: str) -> Line:
    """An instant, written as DTSTART is."""
    head = like.text[len("DTSTART") : len(like.text) - len(like.value)]
    try:
        when = _EPOCH + timedelta(seconds=instant)
        local = when.astimezone(begins.tzinfo) if isinstance(begins, datetime) else when
    except OverflowError as error:
        raise Fault(Kind.LIMIT, "It lasts beyond the end of time.") from error
    if not isinstance(begins, datetime):
        return line(f"{name}{head}{local:%Y%m%d}")
    mark = "Z" if like.value.strip().endswith("Z") else ""
    return line(f"{name}{head}{local:%Y%m%dT%H%M%S}{mark}")
