"""A calendar object's facts: UID, component, and when it happens.  RFC 4791 4.1, 9.9"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

import msgspec
from msgspec.structs import replace

from odcore.errors import Fault, Kind
from oddav.calendar.rules import instances
from oddav.calendar.times import Zones, duration, is_floating, moment, seconds, shown, zones
from oddav.content import Component, components
from oddav.facts import FOREVER, Facts

USUAL = ("VEVENT", "VTODO", "VJOURNAL")
COMPONENTS = (*USUAL, "VAVAILABILITY")
"""The last one only where a calendar was made for it: most programs do not know it."""

_DAY = timedelta(days=1)

Span = tuple[int, int]


class Happening(msgspec.Struct, frozen=True):
    """One time that an object happens."""

    part: Component  # that says so
    span: Span
    floats: bool  # the span is what clocks show
    instance: date | None = None  # of a series: when it begins


def facts(octets: bytes, until: datetime) -> Facts:
    """What happens up to `until`. Fault BAD_REQUEST for what RFC 4791 4.1 does not allow, LIMIT for too much."""
    calendar, parts = _object(components(octets))
    known = zones(calendar)
    uid = parts[0].first("UID")
    assert uid is not None  # `_object` looked
    told, more = _happenings(parts, until, known)
    for part in parts:
        available(part, until, known)  # what cannot be computed is refused now
    fixed, floating = (tuple(sorted({each.span for each in told if each.floats is kind})) for kind in (False, True))
    return Facts(uid.value.strip(), parts[0].name, fixed, floating, seconds(until) if more else FOREVER)


def happenings(outer: list[Component], until: datetime, zone: tzinfo) -> list[Happening]:
    """What happens up to `until`; floating times by `zone`. Faults as of `facts`."""
    calendar, parts = _object(outer)
    told, _ = _happenings(parts, until, zones(calendar))
    return [replace(each, span=shown_span(each.span, zone), floats=False) if each.floats else each for each in told]


def shown_span(span: Span, zone: tzinfo) -> Span:
    """A floating one, by the clocks of `zone`."""
    begins = shown(span[0], zone)
    return begins, max(shown(span[1], zone), begins)


def occurs(span: Span, since: int, until: int) -> bool:
    """Does it, in that time? What takes no time does at its beginning.  RFC 4791 9.9"""
    begins, ends = span
    return begins < until and (ends > since or begins == ends >= since)


def _object(outer: list[Component]) -> tuple[Component, list[Component]]:
    """The calendar and its one thing: a master and its exceptions."""
    if len(outer) != 1 or outer[0].name != "VCALENDAR":
        raise Fault(Kind.BAD_REQUEST, "A calendar keeps one VCALENDAR in each of its resources.")
    if outer[0].first("METHOD") is not None:
        raise Fault(Kind.BAD_REQUEST, "An object with METHOD is a message and not kept in a calendar.")
    parts = [part for part in outer[0].inner if part.name in COMPONENTS]
    if not parts:
        raise Fault(Kind.BAD_REQUEST, "There is no event, task, journal entry or availability in it.")
    if not all(part.text("UID") for part in parts):
        raise Fault(Kind.BAD_REQUEST, "It has no UID.")
    uids = {line.value.strip() for part in parts for line in part.all("UID")}
    if len({part.name for part in parts}) > 1 or len(uids) != 1:
        raise Fault(Kind.BAD_REQUEST, "A resource keeps one event, task or journal entry, with one UID.")
    if sum(part.first("RECURRENCE-ID") is None for part in parts) > 1:
        raise Fault(Kind.BAD_REQUEST, "All but one of the parts need a RECURRENCE-ID.")
    return outer[0], parts


def _happenings(parts: list[Component], until: datetime, known: Zones) -> tuple[list[Happening], bool]:
    """Up to `until` in any zone, and whether it goes on: an exception takes the place of the instance it names.

    A rule of its own, as some programs copy it from the series, counts for nothing there.
    """
    found: list[Happening] = []
    replaced: set[int] = set()
    for part in parts:
        told = part.first("RECURRENCE-ID")
        if told is not None:
            replaced.add(seconds(moment(told, known)))
            found += _one(part, known)
    more = False
    for part in parts:
        if part.first("RECURRENCE-ID") is None:
            series, goes_on = _series(part, until, known)
            found += [each for each in series if each.span[0] not in replaced]
            more = more or goes_on
    return found, more


def _series(part: Component, until: datetime, known: Zones) -> tuple[list[Happening], bool]:
    told = part.first("DTSTART")
    repeats = any(part.first(name) is not None for name in ("RRULE", "RDATE"))
    if told is None or not repeats:
        return list(_one(part, known)), False
    start = moment(told, known)
    lasts = length(part, start, known)
    begins, more = instances(part, start, until + _DAY if is_floating(start) else until, known)
    return [Happening(part, (seconds(at), seconds(at) + lasts), is_floating(at), at) for at in begins], more


def _one(part: Component, known: Zones) -> Iterator[Happening]:
    """As of RFC 4791 9.9's tables; none where it never matches."""
    told = part.first("DTSTART")
    if part.name == "VAVAILABILITY":
        yield Happening(part, reach(part, known), floats=False)
    elif told is not None:
        start = moment(told, known)
        begins = seconds(start)
        yield Happening(part, (begins, begins + length(part, start, known)), is_floating(start))
    elif part.name == "VTODO":
        yield Happening(part, *_undated(part, known))
    elif part.name == "VEVENT":
        raise Fault(Kind.BAD_REQUEST, "The event has no DTSTART.")


def reach(part: Component, known: Zones) -> Span:
    """About which time a VAVAILABILITY speaks.  RFC 7953 7.2"""
    start, end, lasts = part.first("DTSTART"), part.first("DTEND"), part.first("DURATION")
    begins = -FOREVER if start is None else seconds(moment(start, known))
    if end is not None:
        return begins, seconds(moment(end, known))
    return begins, FOREVER if lasts is None else begins + int(duration(lasts.value).total_seconds())


def available(part: Component, until: datetime, known: Zones) -> list[Happening]:
    """The hours that a VAVAILABILITY names, up to `until`: series, and their exceptions. Faults as of `facts`."""
    inner: dict[str, list[Component]] = {}
    for each in part.inner:
        if each.name == "AVAILABLE":
            inner.setdefault(each.text("UID"), []).append(each)
    return [each for parts in inner.values() for each in _happenings(parts, until, known)[0]]


def _undated(part: Component, known: Zones) -> tuple[Span, bool]:
    """When, and whether that is floating. A task without DTSTART: due, completed, created, or always."""
    due = part.first("DUE")
    if due is not None:
        at = moment(due, known)  # 9.9: what ends with the range's start does not lie in it, what ends in it does
        return (seconds(at) - 1, seconds(at)), is_floating(at)
    completed, created = (
        None if line is None else seconds(moment(line, known))
        for line in (part.first("COMPLETED"), part.first("CREATED"))
    )
    if completed is not None:
        return ((completed if created is None else min(created, completed)), completed), False
    return ((-FOREVER if created is None else created), FOREVER), False


def length(part: Component, start: date, known: Zones) -> int:
    """Seconds."""
    end = part.first("DUE" if part.name == "VTODO" else "DTEND")
    if end is not None:
        return max(seconds(moment(end, known)) - seconds(start), 0)
    told = part.first("DURATION")
    if told is not None:
        return max(int(duration(told.value).total_seconds()), 0)
    if isinstance(start, datetime):
        return 0
    return int(_DAY.total_seconds())


def horizon(now: datetime) -> datetime:
    """Up to when occurrences are computed at arrival."""
    return now.astimezone(UTC) + 730 * _DAY
