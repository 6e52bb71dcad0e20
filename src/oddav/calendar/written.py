"""Time zones written out, for programs that do not know the world's names.  RFC 5545 3.6.5"""

from functools import lru_cache

from icalendar import Timezone

from oddav.content import Component, components, written


def with_zones(octets: bytes) -> bytes:
    """Each TZID that is used has its VTIMEZONE, as far as it is known."""
    [calendar] = components(octets)
    there = {each.text("TZID") for each in calendar.inner if each.name == "VTIMEZONE"}
    used = {line.params["TZID"] for part in calendar.inner for line in part.lines if "TZID" in line.params}
    more = [found for name in sorted(used - there) if (found := zone(name)) is not None]
    if not more:
        return octets
    calendar.inner = [*more, *calendar.inner]
    return written(calendar)


@lru_cache(100)
def zone(name: str) -> Component | None:
    """The VTIMEZONE of a name; None where it is not known."""
    try:
        text = Timezone.from_tzid(name).to_ical()
    except Exception:  # noqa: BLE001 - whatever the library raises for a name it does not know
        return None
    return components(text)[0]
