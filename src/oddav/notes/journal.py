"""A journal as a note: SUMMARY and DESCRIPTION; all else of it stays as it is.  RFC 5545 3.6.3"""

from datetime import UTC, datetime

from odcore import notes
from odcore.errors import Fault
from odcore.notes import Note
from oddav.calendar.times import moment, seconds
from oddav.content import Component, components, escaped, line, unescaped, written

_LAST = 253_402_300_799
"""The year 9999 ends."""


def read(octets: bytes) -> Note:
    """What people see of it."""
    part = _master(components(octets)[0])
    text = "\n".join(unescaped(each.value) for each in part.all("DESCRIPTION"))
    created, modified = (_seconds(part, *names) for names in (("CREATED", "DTSTAMP"), ("LAST-MODIFIED", "DTSTAMP")))
    return notes.note(unescaped(part.text("SUMMARY")), text, created, modified)


def made(uid: str, note: Note) -> bytes:
    """A new one. Without DTSTART: it is about no day."""
    lines = [line(f"UID:{uid}"), line(f"CREATED:{_stamp(note.created)}")]
    journal = Component("VJOURNAL", lines)
    _say(journal, note)
    head = [line("VERSION:2.0"), line("PRODID:-//odmail//notes//EN")]
    return written(Component("VCALENDAR", head, [journal]))


def revised(octets: bytes, note: Note) -> bytes:
    """With another title and text."""
    calendar = components(octets)[0]
    part = _master(calendar)
    _say(part, note)
    before = part.text("SEQUENCE")
    if before.isascii() and before.isdigit() and len(before) < 9:
        part.put(f"SEQUENCE:{int(before) + 1}")
    return written(calendar)


def copied(octets: bytes, uid: str) -> bytes:
    """Another journal with the same in it, to be told from the first by its title."""
    calendar = components(octets)[0]
    note = read(octets)
    for each in calendar.inner:
        if each.name == "VJOURNAL":
            each.put(f"UID:{uid}")
    _say(_master(calendar), notes.note(f"{note.title} (2)", note.text, note.created, note.modified))
    return written(calendar)


def _say(part: Component, note: Note) -> None:
    part.put(f"DTSTAMP:{_stamp(note.modified)}")
    part.put(f"LAST-MODIFIED:{_stamp(note.modified)}")
    part.put(f"SUMMARY:{escaped(note.title)}")
    part.drop("DESCRIPTION")
    if note.text:
        part.put(f"DESCRIPTION:{escaped(note.text)}")


def _master(calendar: Component) -> Component:
    journals = [each for each in calendar.inner if each.name == "VJOURNAL"]
    return next((each for each in journals if each.first("RECURRENCE-ID") is None), journals[0])


def _seconds(part: Component, *names: str) -> int:
    """The first of these properties that tells a moment; 0 for none."""
    for name in names:
        told = part.first(name)
        try:
            if told is not None:
                return max(seconds(moment(told, {})), 0)
        except Fault:
            continue
    return 0


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(min(max(at, 0), _LAST), UTC).strftime("%Y%m%dT%H%M%SZ").rjust(16, "0")
