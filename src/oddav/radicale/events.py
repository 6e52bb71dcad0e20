"""Does a calendar object fit a filter?  RFC 4791 9.7, 9.9"""

from datetime import UTC, datetime, timedelta, tzinfo
from xml.etree.ElementTree import Element

from odcore.errors import Fault
from oddav.calendar.alarms import rings
from oddav.calendar.facts import COMPONENTS, Happening, Span, happenings, occurs
from oddav.calendar.times import instant, moment, zones
from oddav.content import Component, Line, components, unescaped
from oddav.radicale import texts, xml
from oddav.radicale.answers import forbidden

_ABSENT = xml.name("C:is-not-defined")
_RANGE = xml.name("C:time-range")
_COMPONENT, _PROPERTY, _PARAM = (xml.name(f"C:{each}-filter") for each in ("comp", "prop", "param"))
_TEXT = xml.name("C:text-match")
_KNOWN = {_ABSENT, _RANGE, _COMPONENT, _PROPERTY, _PARAM, _TEXT}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 1 << 37
_EARLIEST_ALARM = 100 * 86400
"""Before what it is about."""


def time(text: str) -> int:
    """One in UTC, of a filter, in seconds since 1970. Condition valid-filter."""
    try:
        return int(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise forbidden("C:valid-filter") from error


def span(told: Element) -> Span:
    """Of a time-range. Condition valid-filter."""
    start, end = told.get("start"), told.get("end")
    if start is None and end is None:
        raise forbidden("C:valid-filter")
    return time(start) if start else -_FARTHEST, time(end) if end else _FARTHEST


def check(asked: Element) -> None:
    """Conditions valid-filter, supported-filter."""
    if len(asked) != 1 or asked[0].tag != _COMPONENT or asked[0].get("name", "").upper() != "VCALENDAR":
        raise forbidden("C:valid-filter")
    if any(each.tag not in _KNOWN for each in asked[0].iter()):
        raise forbidden("C:supported-filter")


def fits(octets: bytes, asked: Element, zone: tzinfo) -> bool:
    """The whole `filter`, which was checked; floating times by `zone`. Conditions supported-filter, -collation."""
    return _Object(components(octets), zone).fits(asked[0])


class _Object:
    """One resource that is being looked at."""

    def __init__(self, outer: list[Component], zone: tzinfo) -> None:
        self._outer = outer
        self._zone = zone
        self._known = zones(outer[0])

    def fits(self, asked: Element) -> bool:
        if asked.find(_RANGE) is not None:
            raise forbidden("C:supported-filter")
        return asked.find(_ABSENT) is None and self._one(self._outer[0], asked)

    def _one(self, part: Component, asked: Element) -> bool:
        return all(
            self._inner(part, each) if each.tag == _COMPONENT else self._property(part, each)
            for each in asked
            if each.tag in (_COMPONENT, _PROPERTY)
        )

    def _inner(self, above: Component, asked: Element) -> bool:
        parts = [part for part in above.inner if part.name == asked.get("name", "").upper()]
        if asked.find(_ABSENT) is not None:
            return not parts
        told = asked.find(_RANGE)
        if told is not None and parts:
            parts = self._in_range(above, parts, span(told))
        return any(self._one(part, asked) for part in parts)

    def _in_range(self, above: Component, parts: list[Component], wanted: Span) -> list[Component]:
        """What would take too long to find out counts as yes: it has no end."""
        alarms = parts[0].name == "VALARM"
        if not alarms and parts[0].name not in COMPONENTS:
            raise forbidden("C:supported-filter")
        try:
            found = self._happenings(wanted[1] + (_EARLIEST_ALARM if alarms else 0))
            if alarms:
                spans = [each.span for each in found if each.part is above]
                return [part for part in parts if rings(part, spans, wanted, self._known, self._zone)]
        except Fault:
            return parts
        return [part for part in parts if any(each.part is part and occurs(each.span, *wanted) for each in found)]

    def _happenings(self, until: int) -> list[Happening]:
        return happenings(self._outer, _EPOCH + timedelta(seconds=min(until, _FARTHEST)), self._zone)

    def _property(self, part: Component, asked: Element) -> bool:
        """All that is asked must be true of one and the same line."""
        lines = list(part.all(asked.get("name", "").upper()))
        if asked.find(_ABSENT) is not None:
            return not lines
        return any(all(self._line(line, each) for each in asked) for line in lines)

    def _line(self, line: Line, asked: Element) -> bool:
        if asked.tag == _TEXT:
            return _matches(unescaped(line.value), asked)
        if asked.tag == _PARAM:
            value = line.params.get(asked.get("name", "").upper())
            if value is None or asked.find(_ABSENT) is not None:
                return (value is None) is (asked.find(_ABSENT) is not None)
            return all(_matches(value, each) for each in asked if each.tag == _TEXT)
        if asked.tag != _RANGE:
            raise forbidden("C:supported-filter")
        try:
            at = instant(moment(line, self._known), self._zone)
        except Fault:  # its value is no time
            return False
        return occurs((at, at), *span(asked))


def _matches(value: str, asked: Element) -> bool:
    return texts.match(asked, "i;ascii-casemap", "C")(value) is not texts.is_negated(asked)
