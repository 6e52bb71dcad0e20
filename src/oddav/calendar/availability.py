"""VAVAILABILITY: the hours at which somebody can be met at all.  RFC 7953"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo

from oddav.calendar.busy import Busy, uncovered
from oddav.calendar.facts import Span, length
from oddav.calendar.rules import instances
from oddav.calendar.times import Zones, duration, instant, moment, zones
from oddav.content import Component, components

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unavailable(octets: bytes, since: int, until: int, zone: tzinfo) -> list[Busy]:
    """Outside of what is said to be available; floating times by `zone`. Fault BAD_REQUEST, LIMIT."""
    found: list[Busy] = []
    for calendar in components(octets):
        known, span = zones(calendar), (since, until)
        told = [part for part in calendar.inner if part.name == "VAVAILABILITY"]
        for part in sorted(told, key=_precedence):  # the weaker first
            reach = _reach(part, known, span, zone)
            if reach is None:
                continue
            inner = [each for each in part.inner if each.name == "AVAILABLE"]
            available = [told for each in inner for told in _spans(each, known, until, zone)]
            kind = part.text("BUSYTYPE").upper() or "BUSY-UNAVAILABLE"
            found = list(_outside(found, reach))
            found += [Busy(*each, kind) for each in uncovered(reach, available)]
    return found


def _precedence(part: Component) -> int:
    """RFC 7953 4: 1 is the strongest, 0 none."""
    told = part.text("PRIORITY")
    return -(int(told) if told.isdigit() and told != "0" else 10)


def _reach(part: Component, known: Zones, span: Span, zone: tzinfo) -> Span | None:
    start, end, lasts = part.first("DTSTART"), part.first("DTEND"), part.first("DURATION")
    begins, ends = span
    if start is not None:
        begins = max(begins, instant(moment(start, known), zone))
    if end is not None:
        ends = min(ends, instant(moment(end, known), zone))
    elif lasts is not None and start is not None:
        ends = min(ends, instant(moment(start, known), zone) + int(duration(lasts.value).total_seconds()))
    return (begins, ends) if begins < ends else None


def _spans(part: Component, known: Zones, until: int, zone: tzinfo) -> list[Span]:
    start = part.first("DTSTART")
    if start is None:
        return []
    first: date = moment(start, known)
    lasts = length(part, first, known)
    begins, _ = instances(part, first, _EPOCH + timedelta(days=1, seconds=until), known)
    return [(instant(each, zone), instant(each, zone) + lasts) for each in begins]


def _outside(times: Iterable[Busy], reach: Span) -> Iterable[Busy]:
    """A stronger one decides about its own time."""
    for each in times:
        for begins, ends in uncovered((each.begins, each.ends), [reach]):
            yield Busy(begins, ends, each.kind)
