"""What counts as a change: of the times, of what is told, of what is one's own.  RFC 5546 2.1.4, RFC 6638 3.2"""

from datetime import datetime

from oddav.calendar.facts import length
from oddav.calendar.times import moment, seconds
from oddav.content import Component, Line
from oddav.itip.thing import Key, Thing, attendees, split

_TIMES = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
_SILENT = ("DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "EXDATE", "REQUEST-STATUS", "TRANSP")
_OWN = ("X-MOZ-", "X-APPLE-", "X-LIC-", "X-EVOLUTION-", "X-KDE-", "X-MICROSOFT-CDO-")
"""What programs note for themselves."""

_OWN_PARAMS = frozenset(
    {"PARTSTAT", "RSVP", "SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", "X-REPLIED", "SENT-BY"}
)


def times(thing: Thing, part: Component) -> tuple[object, ...]:
    """When it happens, however it is written."""
    start = part.first("DTSTART")
    first = None if start is None else moment(start, thing.zones)
    lasts = None if first is None else length(part, first, thing.zones)
    due = None if first is not None else part.text("DUE")
    dates = sorted(seconds(moment(one, thing.zones)) for each in part.all("RDATE") for one in split(each))
    rules = sorted(_rule(each.value) for each in part.lines if each.name in ("RRULE", "EXRULE"))
    return (begins(thing, part), isinstance(first, datetime), lasts, due, tuple(dates), tuple(rules))


def begins(thing: Thing, part: Component) -> int | None:
    """The instant of DTSTART."""
    start = part.first("DTSTART")
    return None if start is None else seconds(moment(start, thing.zones))


def told(thing: Thing) -> dict[Key, tuple[str, ...]]:
    """What others learn of each part, apart from instances that are left out."""
    return {key: _told(thing, part) for key, part in thing.parts.items()}


def is_own(line: Line) -> bool:
    """A note of a program, for itself."""
    return line.name.startswith(_OWN)


def _told(thing: Thing, part: Component) -> tuple[str, ...]:
    lines = [each for each in part.lines if each.name not in _SILENT and not is_own(each)]
    lines = [each for each in lines if each.name != "ATTENDEE"] + list(attendees(part).values())
    return tuple(sorted(_canonical(thing, each) for each in lines))


def _canonical(thing: Thing, line: Line) -> str:
    if line.name in _TIMES:
        return f"{line.name}:{seconds(moment(line, thing.zones))}"
    params = sorted(each for each in line.params.items() if each[0] not in _OWN_PARAMS)
    value = line.value.lower() if line.name in ("ATTENDEE", "ORGANIZER") else line.value
    return f"{line.name};{params}:{_rule(value) if line.name == 'RRULE' else value}"


def _rule(text: str) -> str:
    parts = dict(each.partition("=")[::2] for each in text.upper().strip().strip(";").split(";"))
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    return ";".join(f"{name}={each}" for name, each in sorted(parts.items()))
