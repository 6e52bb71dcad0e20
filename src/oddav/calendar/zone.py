"""In which time zone floating times are: told by name or as a VTIMEZONE.  RFC 4791 5.2.2, 7.3, RFC 7809 5.2"""

from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from odcore.errors import Fault, Kind
from oddav.calendar.times import zones
from oddav.calendar.written import zone
from oddav.content import Component, components, line, written


def named(name: str) -> tzinfo:
    """By its name in the IANA database. Fault NOT_FOUND."""
    try:
        return ZoneInfo(name.strip())
    except (ValueError, OSError, KeyError) as error:
        raise Fault(Kind.NOT_FOUND, "There is no such time zone.") from error


@lru_cache(100)
def brought(text: str) -> tzinfo:
    """Of a calendar with one VTIMEZONE and nothing else. Fault BAD_REQUEST."""
    outer = components(text.strip().encode())
    if len(outer) != 1 or outer[0].name != "VCALENDAR" or [each.name for each in outer[0].inner] != ["VTIMEZONE"]:
        raise Fault(Kind.BAD_REQUEST, "This is no calendar with one time zone.")
    found = list(zones(outer[0]).values())
    if not found:
        raise Fault(Kind.BAD_REQUEST, "The time zone has no TZID.")
    return found[0]


def name_of(text: str) -> str:
    """The IANA name of what `brought` reads; "" where it has none."""
    return str(getattr(brought(text), "key", ""))


def spelt(name: str) -> str:
    """A calendar with the zone of that name; "" where there is none."""
    found = zone(name)
    if found is None:
        return ""
    return written(Component("VCALENDAR", [line("VERSION:2.0"), line("PRODID:-//odmail//EN")], [found])).decode()
