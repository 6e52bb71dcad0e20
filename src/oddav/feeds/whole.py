"""A whole calendar as one file, taken apart into the resources a collection keeps.  RFC 5545 3.4, RFC 4791 4.1"""

from collections.abc import Iterator
from hashlib import blake2b

from odcore import clock
from odcore.errors import Fault
from oddav.calendar.facts import USUAL, facts, horizon
from oddav.content import Component, components, line, written
from oddav.facts import Facts

Resources = dict[str, tuple[bytes, Facts]]
"""By name."""

_CALDAV = "urn:ietf:params:xml:ns:caldav"
TRANSPARENT = (
    f"{{{_CALDAV}}}schedule-calendar-transp",
    f'<C:schedule-calendar-transp xmlns:C="{_CALDAV}"><C:transparent/></C:schedule-calendar-transp>',
)
"""What others keep makes nobody busy.  RFC 6638 9.1"""


def apart(octets: bytes) -> tuple[Resources, int]:
    """And how many objects had to be left out. Fault BAD_REQUEST for what is no calendar."""
    found: Resources = {}
    left_out = 0
    until = horizon(clock.now())
    for uid, each in _objects(components(octets)):
        made = written(each)
        try:
            found[name_of(uid)] = made, facts(made, until)
        except Fault:
            left_out += 1
    return found, left_out


def name_of(uid: str) -> str:
    """A resource's name, always the same."""
    return f"{blake2b(uid.encode(), digest_size=16).hexdigest()}.ics"


def _objects(calendars: list[Component]) -> Iterator[tuple[str, Component]]:
    """One for each UID, with the time zones it speaks of. Alarms of others ring for nobody."""
    for calendar in calendars:
        zones = {each.text("TZID"): each for each in calendar.inner if each.name == "VTIMEZONE"}
        parts: dict[str, list[Component]] = {}
        for part in calendar.inner:
            if part.name in USUAL:
                part.inner = [each for each in part.inner if each.name != "VALARM"]
                parts.setdefault(_uid(part), []).append(part)
        for uid, those in parts.items():
            used = {each.params.get("TZID", "") for part in those for each in part.lines}
            head = [line("VERSION:2.0"), line(f"PRODID:{calendar.text('PRODID') or '-//odmail//feeds//EN'}")]
            yield uid, Component("VCALENDAR", head, [*(zones[each] for each in sorted(used & zones.keys())), *those])


def _uid(part: Component) -> str:
    """Files made by hand have none: then it is what the part says."""
    told = part.text("UID")
    if not told:
        told = blake2b(written(part), digest_size=16).hexdigest()
        part.put(f"UID:{told}")
    return told
