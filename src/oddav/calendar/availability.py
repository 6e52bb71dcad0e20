"""VAVAILABILITY: the hours at which somebody can be met at all.  RFC 7953"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from oddav.calendar.busy import Busy, uncovered
from oddav.calendar.facts import Span, length
from oddav.calendar.rules import instances
from oddav.calendar.times import Zones, duration, moment, seconds, zones
from oddav.content import Component, components

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unavailable(octets: bytes, since: int, until: int) -> list[Busy]:
    """Outside of what is said to be available. Fault BAD_REQUEST, LIMIT."""
    found: list[Busy] = []
    for calendar in components(octets):
        known = zones(calendar)
        told = [part for part in calendar.inner if part.name == "VAVAILABILITY"]
        for part in sorted(told, key=_precedence):  # the weaker first
            reach = _reach(part, known, since, until)
            if reach is None:
                continue
            available = [span for each in part.inner if each.name == "AVAILABLE" for span in _spans(each, known, until)]
            kind = part.text("BUSYTYPE").upper() or "BUSY-UNAVAILABLE"
            found = list(_outside(found, reach))
            found += [Busy(*span, kind) for span in uncovered(reach, available)]
    return found


def _precedence(part: Component) -> int:
    """RFC 7953 4: 1 is the strongest, 0 none."""
    told = part.text("PRIORITY")
    return -(int(told) if told.isdigit() and told != "0" else 10)


def _reach(part: Component, known: Zones, since: int, until: int) -> Span | None:
    start, end, lasts = part.first("DTSTART"), part.first("DTEND"), part.first("DURATION")
    begins = since if start is None else max(since, seconds(moment(start, known)))
    ends = until
    if end is not None:
        ends = min(until, seconds(moment(end, known)))
    elif lasts is not None and start is not None:
        ends = min(until, seconds(moment(start, known)) + int(duration(lasts.value).total_seconds()))
    return (begins, ends) if begins < ends else None


def _spans(part: Component, known: Zones, until: int) -> list[Span]:
    start = part.first("DTSTART")
    if start is None:
        return []
    first: date = moment(start, known)
    lasts = length(part, first, known)
    begins, _ = instances(part, first, _EPOCH + timedelta(seconds=until), known)
    return [(seconds(each), seconds(each) + lasts) for each in begins]


def _outside(times: Iterable[Busy], reach: Span) -> Iterable[Busy]:
    """A stronger one decides about its own time."""
    for each in times:
        for begins, ends in uncovered((each.begins, each.ends), [reach]):
            yield Busy(begins, ends, each.kind)
