"""A scheduling object: the parts of one event or task, who invites and who is invited.  RFC 6638 3.1"""

from collections.abc import Callable, Iterator

from odcore.errors import Fault, Kind
from oddav.calendar.times import moment, seconds, zones
from oddav.content import Component, Line, components, line, written

SCHEDULED = ("VEVENT", "VTODO")

Key = int | None
"""What a part is known by: the instant of its RECURRENCE-ID, None for the master."""


class Thing:
    """What changes a part changes the octets written."""

    def __init__(self, calendar: Component) -> None:
        self.zones = zones(calendar)
        self.others = [each for each in calendar.inner if each.name not in SCHEDULED]
        self.parts: dict[Key, Component] = {}
        """The master, if there is one, and its exceptions."""
        self.series: tuple[int, frozenset[int]] | None = None  # for `happens`: up to when, and the instants
        self._head = calendar
        for each in calendar.inner:
            if each.name in SCHEDULED:
                self.put(each)

    @property
    def master(self) -> Component | None:
        """The part without a RECURRENCE-ID."""
        return self.parts.get(None)

    @property
    def first(self) -> Component:
        """Any part: UID and ORGANIZER are the same in all."""
        return next(iter(self.parts.values()))

    @property
    def uid(self) -> str:
        return self.first.text("UID")

    @property
    def method(self) -> str:
        """Of a message; "" in a calendar."""
        return self._head.text("METHOD").upper()

    def bare(self) -> "Thing":
        """A message as it is kept: without METHOD, to be changed."""
        made = self.copy()
        made._head.drop("METHOD")
        return made

    @property
    def organizer(self) -> str:
        """The address, "" where nobody invites."""
        return plain(self.first.text("ORGANIZER"))

    def key(self, part: Component) -> Key:
        """What the part is known by."""
        told = part.first("RECURRENCE-ID")
        return None if told is None else seconds(moment(told, self.zones))

    def invited(self) -> dict[str, Line]:
        """Everybody in any of the parts; the master's line counts first."""
        found: dict[str, Line] = {}
        for _, part in sorted(self.parts.items(), key=lambda each: (each[0] is not None, each[0] or 0)):
            found = attendees(part) | found
        return found

    def put(self, part: Component) -> None:
        """A part, instead of the one that is known by the same."""
        self.parts[self.key(part)] = part

    def drop(self, key: Key) -> None:
        """Without a part."""
        self.parts.pop(key, None)

    def copy(self) -> "Thing":
        """One that may be changed."""
        return Thing(self.whole().copy())

    def whole(self) -> Component:
        """The calendar, as its parts are now."""
        return Component(self._head.name, self._head.lines, [*self.others, *self.parts.values()])

    def excluded(self) -> set[int]:
        """The instants of the master's EXDATE."""
        return set() if self.master is None else set(self._dates(self.master, "EXDATE"))

    def exclude(self, key: int, like: Line) -> None:
        """One more EXDATE, written as `like`: the RECURRENCE-ID or the DTSTART of that instance."""
        if self.master is not None and key not in self.excluded():
            self.master.lines.append(line("EXDATE" + like.having(RANGE=None).text[len(like.name) :]))

    def add(self, like: Line) -> None:
        """One more RDATE, written as `like`: its DTSTART."""
        if self.master is not None and seconds(moment(like, self.zones)) not in self._added():
            self.master.lines.append(line("RDATE" + like.text[len(like.name) :]))

    def include(self, key: int) -> None:
        """No EXDATE for this instance."""
        if self.master is not None:
            self.master.lines = [
                each
                for each in self.master.lines
                if each.name != "EXDATE" or key not in (seconds(moment(one, self.zones)) for one in split(each))
            ]

    def _added(self) -> set[int]:
        return set() if self.master is None else set(self._dates(self.master, "RDATE"))

    def octets(self) -> bytes:
        """As it is to be stored."""
        return written(self.whole())

    def _dates(self, part: Component, name: str) -> Iterator[int]:
        for each in part.all(name):
            for one in split(each):
                yield seconds(moment(one, self.zones))


def read(octets: bytes) -> Thing | None:
    """None where it is no event or task with somebody who invites. Fault BAD_REQUEST."""
    outer = components(octets)
    if len(outer) != 1 or outer[0].name != "VCALENDAR":
        raise Fault(Kind.BAD_REQUEST, "This is not one calendar object.")
    parts = [each for each in outer[0].inner if each.name in SCHEDULED]
    if not any(each.first("ORGANIZER") for each in parts):
        return None
    return Thing(_split_exdates(outer[0]))


def _split_exdates(calendar: Component) -> Component:
    """One date a line: they can be taken away one by one."""
    for part in calendar.inner:
        if any(each.name == "EXDATE" and "," in each.value for each in part.lines):
            part.lines = [one for each in part.lines for one in (split(each) if each.name == "EXDATE" else [each])]
    return calendar


def split(dates: Line) -> list[Line]:
    """A list of dates as a line for each."""
    head = dates.text[: len(dates.text) - len(dates.value)]
    return [line(head + each.partition("/")[0].strip()) for each in dates.value.split(",")]


def plain(address: str) -> str:
    """Of a calendar user: without `mailto:`, in lower case."""
    told = address.strip()
    return (told[7:] if told[:7].lower() == "mailto:" else told).lower()


def attendees(part: Component) -> dict[str, Line]:
    """By address."""
    return {plain(each.value): each for each in part.all("ATTENDEE")}


def find(part: Component, who: frozenset[str]) -> Line | None:
    """The line of somebody who has these addresses."""
    return next((each for each in part.all("ATTENDEE") if plain(each.value) in who), None)


def replace(part: Component, old: Line, new: Line) -> None:
    """A line for a line, in its place."""
    part.lines = [new if each is old else each for each in part.lines]


def revise(part: Component, change: Callable[[str, Line], Line]) -> None:
    """Each ATTENDEE as `change` makes it, told whose it is."""
    part.lines = [change(plain(each.value), each) if each.name == "ATTENDEE" else each for each in part.lines]


def standing(told: Line | None) -> str:
    """PARTSTAT."""
    return "" if told is None else told.params.get("PARTSTAT", "NEEDS-ACTION").upper()


def number(part: Component) -> int:
    """SEQUENCE."""
    told = part.text("SEQUENCE")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0


def newest(parts: dict[Key, Component]) -> int:
    """The highest SEQUENCE."""
    return max((number(each) for each in parts.values()), default=0)
