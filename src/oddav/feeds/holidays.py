"""Holidays out of a calendar file or a sheet: a date, and what it is called in one language or several."""

import re
from datetime import date
from hashlib import blake2b
from xml.sax.saxutils import escape

from odcore.directory.bulk import sheet
from odcore.errors import Fault, Kind
from oddav.content import Component, components, escaped, line, written
from oddav.feeds.whole import TRANSPARENT, Resources, apart
from oddav.store.model import Create
from oddav.store.model import Kind as Holds
from oddav.store.ops import create
from oddav.store.ops.fill import fill
from oddav.store.ops.read import items as read_items
from oddav.store.ops.read import octets as octets_of
from oddav.store.transaction import Transaction

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_INDIAN = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def read(octets: bytes) -> Resources:
    """Of a sheet the first column is the date; all others are names. Fault BAD_REQUEST tells the row."""
    if octets.lstrip(b"\xef\xbb\xbf\r\n ")[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        found, left_out = apart(octets)
        if left_out or not found:
            raise Fault(Kind.BAD_REQUEST, f"{left_out} objects of the file are no events." if left_out else _NOTHING)
        return found
    days = [_day(each) for at, each in enumerate(sheet.read(octets)) if at or _date(each.cells[0]) is not None]
    if not days:
        raise Fault(Kind.BAD_REQUEST, _NOTHING)
    return apart(written(Component("VCALENDAR", [line("PRODID:-//odmail//holidays//EN")], days)))[0]


_NOTHING = "There is no holiday in the file."


def keep(tx: Transaction, name: str, title: str, wanted: Resources) -> int:
    """In a calendar nobody writes in: days of the same years give way, other years stay. How many changes.

    Fault EXISTS when somebody keeps a calendar of their own under this name.
    """
    collection = tx.find(name)
    if collection is None:
        told = f'<D:displayname xmlns:D="DAV:">{escape(title)}</D:displayname>'
        properties = {"{DAV:}displayname": told, TRANSPARENT[0]: TRANSPARENT[1]}
        collection = create.create(tx, Create(name, Holds.CALENDAR, "VEVENT", properties, "holidays:"))
    if collection.source != "holidays:":
        raise Fault(Kind.EXISTS, "There is a calendar of that name already, and it is no calendar of holidays.")
    years = {year_of(octets) for octets, _ in wanted.values()}
    items = read_items(tx, collection)
    there = octets_of(tx, items)
    kept = frozenset(each.href for each in items if year_of(there[each.item]) not in years)
    return fill(tx, name, wanted, kept)


def year_of(octets: bytes) -> str:
    """In which an event begins."""
    part = next(each for each in components(octets)[0].inner if each.name != "VTIMEZONE")
    return part.text("DTSTART")[:4]


def _day(row: sheet.Line) -> Component:
    when, names = _date(row.cells[0]), [each for each in row.cells[1:] if each]
    if when is None or not names:
        raise Fault(Kind.BAD_REQUEST, f"Row {row.number} is no holiday: it takes a date and a name.")
    digits = f"{when:%Y%m%d}"
    uid = f"{digits}-{blake2b(names[0].encode(), digest_size=6).hexdigest()}@holidays"
    texts = (
        f"UID:{uid}",
        f"DTSTAMP:{digits}T000000Z",
        f"DTSTART;VALUE=DATE:{digits}",
        f"SUMMARY:{escaped(' · '.join(names))}",
        "TRANSP:TRANSPARENT",
        "CATEGORIES:HOLIDAY",
    )
    return Component("VEVENT", [line(each) for each in texts])


def _date(text: str) -> date | None:
    if match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    elif match := _INDIAN.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
