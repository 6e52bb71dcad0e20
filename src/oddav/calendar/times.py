"""Dates, times, durations and time zones of a calendar object, as Python's and as seconds.  RFC 5545 3.3, 3.6.5"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from odcore.errors import Fault, Kind
from oddav.content import Component, Line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)")
_DURATION = re.compile(r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?")

FLOATING = timezone(timedelta(), "floating")
"""Of times that say no zone: they are in order among themselves, and instants where somebody's clocks show them."""

Zones = dict[str, tzinfo]


def zones(calendar: Component) -> Zones:
    """By TZID: those the object brings along. The world's names need none."""
    found: Zones = {}
    for zone in calendar.inner:
        name = zone.first("TZID") if zone.name == "VTIMEZONE" else None
        if name is not None:
            found[name.value] = _known(name.value) or _brought(zone)
    return found


@lru_cache(1000)
def _known(name: str) -> tzinfo | None:
    """The IANA name itself, one behind a vendor's prefix, or what Windows calls it."""
    parts = name.strip("/").split("/")
    for each in ("/".join(parts[-3:]), "/".join(parts[-2:]), WINDOWS_TO_OLSON.get(name, "")):
        try:
            return ZoneInfo(each)
        except (ValueError, OSError):  # also ZoneInfoNotFoundError's KeyError, below
            continue
        except KeyError:
            continue
    return None


def _brought(zone: Component) -> tzinfo:
    """A zone nobody knows, by its own rules. Only yearly ones: others would take ages to compute."""
    rules = [line for part in zone.inner for line in part.lines]
    if len(rules) > 2000 or any(line.name == "RRULE" and "FREQ=YEARLY" not in line.value.upper() for line in rules):
        raise Fault(Kind.BAD_REQUEST, "The time zone has rules that are not understood.")
    text = "".join(_written(zone))
    try:
        made = Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n").walk("VTIMEZONE")[0]
        return made.to_tz()  # type: ignore[attr-defined, no-any-return]
    except Exception as error:
        raise Fault(Kind.BAD_REQUEST, "The time zone is not understood.") from error


def _written(part: Component) -> list[str]:
    lines = [f"{line.name}:{line.value}\r\n" for line in part.lines if not line.name.startswith("X-")]
    inner = [text for each in part.inner for text in _written(each)]
    return [f"BEGIN:{part.name}\r\n", *lines, *inner, f"END:{part.name}\r\n"]


def moment(line: Line, known: Zones) -> date:
    """A date, or a time with its zone."""
    return value(line.value.strip(), line.params.get("TZID", ""), known)


def value(text: str, zone: str, known: Zones) -> date:
    """Fault BAD_REQUEST for what is none."""
    try:
        if found := _TIME.fullmatch(text):
            parts = [int(each) for each in found.groups()[:6]]
            parts[5] = min(parts[5], 59)  # a leap second
            return datetime(*parts, tzinfo=UTC if found[7] else _zone(zone, known))  # type: ignore[arg-type, misc]
        if found := _DATE.fullmatch(text):
            return date(*(int(each) for each in found.groups()))
    except ValueError as error:
        raise Fault(Kind.BAD_REQUEST, f"There is no such date: {text[:40]!r}.") from error
    raise Fault(Kind.BAD_REQUEST, f"This is no date: {text[:40]!r}.")


def _zone(name: str, known: Zones) -> tzinfo:
    return known.get(name) or (_known(name) if name else None) or FLOATING


def duration(text: str) -> timedelta:
    """Fault BAD_REQUEST."""
    found = _DURATION.fullmatch(text.strip())
    if not found or text.strip()[-1:] in "PT+-":
        raise Fault(Kind.BAD_REQUEST, f"This is no duration: {text[:40]!r}.")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    try:
        length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise Fault(Kind.BAD_REQUEST, "The duration is too long.") from error
    return -length if found[1] == "-" else length


def is_floating(when: date) -> bool:
    """A day, or a time without a zone."""
    return not isinstance(when, datetime) or when.tzinfo is FLOATING


def instant(when: date, zone: tzinfo) -> int:
    """Since 1970; floating time is what the clocks of `zone` show."""
    return shown(seconds(when), zone) if is_floating(when) else seconds(when)


def shown(clock: int, zone: tzinfo) -> int:
    """When the clocks of `zone` show it first. What they leave out is as if they had not been changed yet."""
    try:
        return int(((_EPOCH + timedelta(seconds=clock)).replace(tzinfo=zone) - _EPOCH).total_seconds())
    except OverflowError:
        return clock


def seconds(when: date) -> int:
    """Since 1970; floating time as if its clocks showed UTC."""
    instant = when if isinstance(when, datetime) else datetime(when.year, when.month, when.day, tzinfo=UTC)
    try:
        return int((instant - _EPOCH).total_seconds())
    except OverflowError:
        return -(1 << 36)
