"""A calendar object's facts: UID, component, and when it happens.  RFC 4791 4.1, 9.9"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from odcore.errors import Fault, Kind
from oddav.calendar.rules import instances
from oddav.calendar.times import Zones, duration, moment, seconds, zones
from oddav.content import Component, components
from oddav.facts import FOREVER, Facts

COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL")
_DAY = timedelta(days=1)

Span = tuple[int, int]


def facts(octets: bytes, until: datetime) -> Facts:
    """What happens up to `until`. Fault BAD_REQUEST for what RFC 4791 4.1 does not allow, LIMIT for too much."""
    calendar, parts = _object(octets)
    known = zones(calendar)
    uid = parts[0].first("UID")
    assert uid is not None  # `_object` looked
    spans, more = _spans(parts, until, known)
    exact = seconds(until) if more else FOREVER
    return Facts(uid.value.strip(), parts[0].name, tuple(sorted({span for _, span in spans})), exact)


def happenings(octets: bytes, until: datetime) -> list[tuple[Component, Span]]:
    """What happens up to `until`, each with the part that says so. Faults as of `facts`."""
    calendar, parts = _object(octets)
    return _spans(parts, until, zones(calendar))[0]


def _object(octets: bytes) -> tuple[Component, list[Component]]:
    """The calendar and its one thing: a master and its exceptions."""
    outer = components(octets)
    if len(outer) != 1 or outer[0].name != "VCALENDAR":
        raise Fault(Kind.BAD_REQUEST, "A calendar keeps one VCALENDAR in each of its resources.")
    if outer[0].first("METHOD") is not None:
        raise Fault(Kind.BAD_REQUEST, "An object with METHOD is a message and not kept in a calendar.")
    parts = [part for part in outer[0].inner if part.name in COMPONENTS]
    if not parts:
        raise Fault(Kind.BAD_REQUEST, "There is no event, task or journal entry in it.")
    uids = {line.value.strip() for part in parts for line in part.all("UID")}
    if len({part.name for part in parts}) > 1 or len(uids) != 1 or any(part.first("UID") is None for part in parts):
        raise Fault(Kind.BAD_REQUEST, "A resource keeps one event, task or journal entry, with one UID.")
    if sum(part.first("RECURRENCE-ID") is None for part in parts) > 1:
        raise Fault(Kind.BAD_REQUEST, "All but one of the parts need a RECURRENCE-ID.")
    if not uids.copy().pop():
        raise Fault(Kind.BAD_REQUEST, "The UID is empty.")
    return outer[0], parts


def _spans(parts: list[Component], until: datetime, known: Zones) -> tuple[list[tuple[Component, Span]], bool]:
    """All occurrences: an exception takes the place of the instance it names."""
    spans: list[tuple[Component, Span]] = []
    replaced: set[int] = set()
    for part in parts:
        told = part.first("RECURRENCE-ID")
        if told is not None and part.first("RRULE") is not None:
            raise Fault(Kind.BAD_REQUEST, "An exception cannot repeat.")
        if told is not None:
            replaced.add(seconds(moment(told, known)))
            spans += [(part, span) for span in _one(part, known)]
    more = False
    for part in parts:
        if part.first("RECURRENCE-ID") is None:
            series, goes_on = _series(part, until, known)
            spans += [(part, span) for begins, span in series if begins not in replaced]
            more = more or goes_on
    return spans, more


def _series(part: Component, until: datetime, known: Zones) -> tuple[list[tuple[int, Span]], bool]:
    """Each with the moment it is known by."""
    told = part.first("DTSTART")
    repeats = any(part.first(name) is not None for name in ("RRULE", "RDATE"))
    if told is None or not repeats:
        return [(span[0], span) for span in _one(part, known)], False
    start = moment(told, known)
    lasts = length(part, start, known)
    begins, more = instances(part, start, until, known)
    return [(at, (at, at + lasts)) for at in map(seconds, begins)], more


def _one(part: Component, known: Zones) -> Iterator[Span]:
    """The span of RFC 4791 9.9's tables; none where it never matches."""
    told = part.first("DTSTART")
    if told is not None:
        start = moment(told, known)
        yield seconds(start), seconds(start) + length(part, start, known)
    elif part.name == "VTODO":
        yield _undated(part, known)
    elif part.name == "VEVENT":
        raise Fault(Kind.BAD_REQUEST, "The event has no DTSTART.")


def _undated(part: Component, known: Zones) -> Span:
    """A task without DTSTART: due, completed, created, or always."""
    due, completed, created = (
        None if line is None else seconds(moment(line, known))
        for line in (part.first("DUE"), part.first("COMPLETED"), part.first("CREATED"))
    )
    if due is not None:
        return due - 1, due  # 9.9: what ends with the range's start does not lie in it, what ends in it does
    if completed is not None:
        return (completed if created is None else min(created, completed)), completed
    return (-FOREVER if created is None else created), FOREVER


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
