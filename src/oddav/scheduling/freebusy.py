"""Free-busy: of one calendar, and of calendar users who are asked about.  RFC 4791 7.10, RFC 6638 5"""

from collections.abc import Iterable
from xml.etree import ElementTree

import msgspec

from odcore import clock
from odcore.errors import Fault, Kind
from oddav.calendar.availability import Told, told, unavailable
from oddav.calendar.busy import Busy, busy, lines, stamp
from oddav.calendar.times import moment, seconds
from oddav.content import Component, components, line, written
from oddav.itip.message import PRODID
from oddav.itip.model import Unmet
from oddav.itip.thing import attendees, plain
from oddav.scheduling.users import User, Users
from oddav.store.model import Collection, Range
from oddav.store.model import Kind as Holds
from oddav.store.store import Store, View

_CALDAV = "{urn:ietf:params:xml:ns:caldav}"
AVAILABILITY = (f"{_CALDAV}calendar-availability", "{http://calendarserver.org/ns/}calendar-availability")
"""The name in RFC 7953, and the one it had before, which Apple's programs use."""

_LONGEST = 400 * 86400
_MOST_ASKED = 200


class Asked(msgspec.Struct, frozen=True):
    """A question: about whom, and when."""

    organizer: str
    people: tuple[str, ...]  # as they were written
    since: int
    until: int
    uid: str
    apart_from: str = ""  # the UID of what is being moved


class Answered(msgspec.Struct, frozen=True):
    """About one of them."""

    recipient: str
    status: str  # RFC 5546 3.6
    octets: bytes = b""


def asked(octets: bytes) -> Asked:
    """The body of a POST to an outbox. Unmet valid-scheduling-message; Fault BAD_REQUEST."""
    outer = components(octets)
    parts = [part for each in outer for part in each.inner if part.name == "VFREEBUSY"]
    if len(outer) != 1 or outer[0].text("METHOD").upper() != "REQUEST" or len(parts) != 1:
        raise Unmet("valid-scheduling-message")
    part = parts[0]
    start, end = part.first("DTSTART"), part.first("DTEND")
    people = tuple(each.value.strip() for each in attendees(part).values())
    if start is None or end is None or not people or len(people) > _MOST_ASKED or not part.text("ORGANIZER"):
        raise Unmet("valid-scheduling-message")
    since, until = seconds(moment(start, {})), seconds(moment(end, {}))
    if not since < until <= since + _LONGEST:
        raise Unmet("valid-scheduling-message")
    masked = part.text("X-CALENDARSERVER-MASK-UID")
    return Asked(plain(part.text("ORGANIZER")), people, since, until, part.text("UID"), masked)


class FreeBusy:
    """Looks into calendars of the suite."""

    def __init__(self, store: Store, users: Users) -> None:
        self._store = store
        self._users = users

    def ask(self, question: Asked) -> list[Answered]:
        """One answer for each, whatever it is."""
        return [self._about(question, each) for each in question.people]

    def _about(self, question: Asked, recipient: str) -> Answered:
        try:
            user = self._users.find(plain(recipient))
        except Fault as fault:
            unknown = fault.kind is not Kind.TRY_LATER
            return Answered(recipient, "3.7;Invalid calendar user" if unknown else "5.1;Service unavailable")
        if user is None:
            return Answered(recipient, "5.3;No scheduling support for user")
        part = _part(question.since, question.until, question.uid)
        part.lines += [line(f"ORGANIZER:mailto:{question.organizer}"), line(f"ATTENDEE:{recipient}")]
        part.lines += map(line, lines(self.of_user(user, question)))
        return Answered(recipient, "2.0;Success", _calendar(part, "METHOD:REPLY"))

    def of_user(self, user: User, question: Asked) -> list[Busy]:
        """All calendars that count, and the hours at which there is nobody."""
        with self._store.open(user.id, user.first).view() as view:
            found: list[Busy] = []
            hours = _of_inbox(view)
            for each in view.collections():
                if each.kind == Holds.CALENDAR and not _is_transparent(view, each):
                    found += _times(view, each, user.mine, question.since, question.until, question.apart_from)
                    hours += _hours(view, each, question.since, question.until)
            return found + unavailable(hours, question.since, question.until)


def report(view: View, collection: Collection, mine: frozenset[str], since: int, until: int) -> bytes:
    """Of one calendar. Unmet for a range that is none."""
    if not since < until <= since + _LONGEST:
        raise Unmet("valid-filter")
    part = _part(since, until, "")
    away = unavailable(_hours(view, collection, since, until), since, until)
    part.lines += map(line, lines([*_times(view, collection, mine, since, until), *away]))
    return _calendar(part)


def _times(
    view: View, collection: Collection, mine: frozenset[str], since: int, until: int, apart_from: str = ""
) -> Iterable[Busy]:
    """Candidates are found by their rows; what an event makes of its time is in its octets."""
    zone = view.zone(collection)
    found = view.in_range(collection, Range("VEVENT", since, until, zone))
    items = [item for item, _ in found if item.uid != apart_from]
    octets = view.octets(items)
    return [each for item in items for each in busy(octets[item.item], mine, since, until, zone)]


def _is_transparent(view: View, collection: Collection) -> bool:
    """RFC 6638 9.1"""
    told = view.properties(collection).get(f"{_CALDAV}schedule-calendar-transp", "")
    return bool(told) and ElementTree.fromstring(told).find(f"{_CALDAV}transparent") is not None  # noqa: S314 - our own


def _hours(view: View, collection: Collection, since: int, until: int) -> list[Told]:
    """By the calendar's own resources.  RFC 7953 7.3"""
    zone = view.zone(collection)
    items = [item for item, _ in view.in_range(collection, Range("VAVAILABILITY", since, until, zone))]
    octets = view.octets(items)
    return [each for item in items for each in told(octets[item.item], zone)]


def _of_inbox(view: View) -> list[Told]:
    """By its property.  RFC 7953 7.2.4"""
    inbox = next((each for each in view.collections() if each.kind == Holds.INBOX), None)
    if inbox is None:
        return []
    noted = view.properties(inbox)
    xml = next((noted[name] for name in AVAILABILITY if name in noted), "<none/>")
    text = ElementTree.fromstring(xml).text or ""  # noqa: S314 - our own
    return told(text.encode(), view.zone(inbox))


def _part(since: int, until: int, uid: str) -> Component:
    part = Component("VFREEBUSY")
    if uid:
        part.put(f"UID:{uid}")
    part.put(f"DTSTAMP:{clock.now():%Y%m%dT%H%M%SZ}")
    part.put(f"DTSTART:{stamp(since)}")
    part.put(f"DTEND:{stamp(until)}")
    return part


def _calendar(part: Component, *more: str) -> bytes:
    made = Component("VCALENDAR", [line(each) for each in ("VERSION:2.0", f"PRODID:{PRODID}", *more)], [part])
    return written(made)
