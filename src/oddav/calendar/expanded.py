"""A series as its instances, and one without the exceptions that nobody asked for.  RFC 4791 9.6.5, 9.6.6"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from oddav.calendar.facts import Happening, Span, happenings, length, occurs
from oddav.calendar.times import FLOATING, Zones, instant, moment, zones
from oddav.content import Component, Line, line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RULES = ("RRULE", "RDATE", "EXDATE", "EXRULE")
_ENDS = ("DTEND", "DUE")
_TIMES = ("DTSTART", "RECURRENCE-ID", *_ENDS)


def expanded(calendar: Component, since: int, until: int, zone: tzinfo) -> Component:
    """What happens then, each as an object of its own, in UTC; floating times stay. Faults as of `facts`."""
    told = happenings([calendar], _EPOCH + timedelta(seconds=until), zone)
    known = zones(calendar)
    found = [_instance(each, known) for each in told if occurs(each.span, since, until)]
    return Component(calendar.name, calendar.lines, found)


def limited(calendar: Component, since: int, until: int, zone: tzinfo) -> Component:
    """Without exceptions that neither happen then nor stand for an instance that would have."""
    known = zones(calendar)
    master = next((each for each in calendar.inner if _repeats(each)), None)
    lasts = 0 if master is None else _lasts(master, known)
    times = [list(_times(each, lasts, known, zone)) for each in calendar.inner]
    pairs = zip(calendar.inner, times, strict=True)
    found = [each for each, told in pairs if not told or any(occurs(span, since, until) for span in told)]
    return Component(calendar.name, calendar.lines, found)


def _repeats(part: Component) -> bool:
    return part.first("RECURRENCE-ID") is None and any(part.first(each) for each in ("RRULE", "RDATE"))


def _times(part: Component, lasts: int, known: Zones, zone: tzinfo) -> Iterator[Span]:
    """Of an exception: when it happens, and when it would have; none of anything else."""
    before, start = part.first("RECURRENCE-ID"), part.first("DTSTART")
    if before is None:
        return
    was = instant(moment(before, known), zone)
    yield was, was + lasts
    if start is not None:
        begins = moment(start, known)
        yield instant(begins, zone), instant(begins, zone) + length(part, begins, known)


def _lasts(part: Component, known: Zones) -> int:
    start = part.first("DTSTART")
    return 0 if start is None else length(part, moment(start, known), known)


def _instance(told: Happening, known: Zones) -> Component:
    part = told.part.copy()
    part.drop(*_RULES)
    start = part.first("DTSTART")
    if told.instance is not None and start is not None:
        begins = told.instance
        ends = _after(begins, _lasts(part, known))
        moved = {"DTSTART": begins} | dict.fromkeys(_ENDS, ends)
        part.lines = [_at(each, moved[each.name]) if each.name in moved else each for each in part.lines]
        part.lines.append(line(f"RECURRENCE-ID{_at(start, begins).text[len('DTSTART') :]}"))
    part.lines = [_at(each, moment(each, known)) if _is_zoned(each) else each for each in part.lines]
    return part


def _is_zoned(told: Line) -> bool:
    return told.name in _TIMES and "TZID" in told.params


def _after(begins: date, lasts: int) -> date:
    start = begins.astimezone(UTC) if isinstance(begins, datetime) and begins.tzinfo is not FLOATING else begins
    return start + timedelta(seconds=lasts)


def _at(told: Line, when: date) -> Line:
    """The property with another time, in UTC unless that is floating."""
    if not isinstance(when, datetime):
        return told.valued(f"{when:%Y%m%d}")
    if when.tzinfo is FLOATING:
        return told.having(TZID=None).valued(f"{when:%Y%m%dT%H%M%S}")
    return told.having(TZID=None).valued(f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}")
