"""VAVAILABILITY: the hours at which somebody can be met at all.  RFC 7953"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from odcore.errors import Fault, Kind
from oddav.calendar.busy import Busy, uncovered
from oddav.calendar.facts import Span, available, reach, shown_span
from oddav.calendar.times import Zones, zones
from oddav.content import Component, components

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Told(msgspec.Struct, frozen=True):
    """One VAVAILABILITY, as it was found in a calendar."""

    part: Component
    known: Zones
    zone: tzinfo  # of floating times


def told(octets: bytes, zone: tzinfo) -> list[Told]:
    """All in these octets; none in what cannot be read."""
    try:
        outer = components(octets)
        return [
            Told(part, zones(calendar), zone)
            for calendar in outer
            for part in calendar.inner
            if part.name == "VAVAILABILITY"
        ]
    except Fault:
        return []


def check(octets: bytes, until: datetime) -> None:
    """Fault BAD_REQUEST where there is none in it, and for hours that are none; LIMIT for too many."""
    outer = components(octets)
    parts = [(part, zones(each)) for each in outer for part in each.inner if part.name == "VAVAILABILITY"]
    if not parts or any(each.name != "VCALENDAR" for each in outer):
        raise Fault(Kind.BAD_REQUEST, "This is no calendar with an availability.")
    for part, known in parts:
        reach(part, known)
        available(part, until, known)


def unavailable(parts: Iterable[Told], since: int, until: int) -> list[Busy]:
    """Outside of what is said to be available. What cannot be computed says nothing."""
    found: list[Busy] = []
    for each in sorted(parts, key=_precedence):  # the weaker first
        try:
            begins, ends = reach(each.part, each.known)
            span = max(begins, since), min(ends, until)
            hours = _hours(each, until)
        except Fault:
            continue
        if span[0] < span[1]:
            kind = each.part.text("BUSYTYPE").upper() or "BUSY-UNAVAILABLE"
            found = list(_outside(found, span))
            found += [Busy(*gap, kind) for gap in uncovered(span, hours)]
    return found


def _precedence(told: Told) -> int:
    """RFC 7953 4: 1 is the strongest, 0 none."""
    priority = told.part.text("PRIORITY")
    return -(int(priority) if priority.isdigit() and priority != "0" else 10)


def _hours(told: Told, until: int) -> list[Span]:
    found = available(told.part, _EPOCH + timedelta(days=1, seconds=until), told.known)
    return [shown_span(each.span, told.zone) if each.floats else each.span for each in found]


def _outside(times: Iterable[Busy], span: Span) -> Iterable[Busy]:
    """A stronger one decides about its own time."""
    for each in times:
        for begins, ends in uncovered((each.begins, each.ends), [span]):
            yield Busy(begins, ends, each.kind)
