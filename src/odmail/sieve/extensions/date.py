"""date, currentdate: when.  RFC 5260 4, 5"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime, parsedate_tz

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.fields import chosen_fields
from odmail.sieve.mail import Field
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use

_LONGEST = 400
_ZONE = re.compile(r"([+-])([0-9]{2})([0-9]{2})\Z")
_JULIAN = datetime(1858, 11, 17, tzinfo=UTC).toordinal()  # day 0 of the modified Julian calendar

_PARTS: dict[str, Callable[[datetime], str]] = {
    # RFC 5260 4.2
    "year": lambda at: f"{at.year:04}",
    "month": lambda at: f"{at.month:02}",
    "day": lambda at: f"{at.day:02}",
    "date": lambda at: f"{at:%Y-%m-%d}",
    "julian": lambda at: str(at.toordinal() - _JULIAN),
    "hour": lambda at: f"{at.hour:02}",
    "minute": lambda at: f"{at.minute:02}",
    "second": lambda at: f"{at.second:02}",
    "time": lambda at: f"{at:%H:%M:%S}",
    "iso8601": lambda at: at.replace(microsecond=0).isoformat(),
    "std11": format_datetime,
    "zone": lambda at: f"{at:%z}",
    "weekday": lambda at: str((at.weekday() + 1) % 7),
}


def parsed(field: Field) -> datetime | None:
    """The moment a field states, behind the last ";" if there is one (Received).  RFC 5260 4"""
    text = field.text[-_LONGEST:].rpartition(";")[2].strip()
    found = parsedate_tz(text)
    if found is None:
        return None
    try:
        zone = timezone(timedelta(seconds=found[9] or 0))
        return datetime(*found[:5], min(found[5], 59), tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _zone(use: Use) -> Callable[[Run], tzinfo | None]:
    """As `:zone` says; None for the field's own."""
    if use.has("originalzone"):
        return lambda run: None
    text = use.tag_text("zone")
    if not use.has("zone"):
        return lambda run: run.now.tzinfo
    if text.constant is not None and _offset(text.constant) is None:
        raise use.fail(":zone is written like +0530")
    return lambda run: _offset(text(run)) or run.now.tzinfo


def _offset(text: str) -> tzinfo | None:
    found = _ZONE.match(text)
    if found is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _part(use: Use, index: int) -> Callable[[Run], Callable[[datetime], str] | None]:
    name = use.text(index)
    if name.constant is not None and name.constant.lower() not in _PARTS:
        raise use.fail(f"a date has no {name.constant}", use.positional[index].place)
    return lambda run: _PARTS.get(name(run).lower())


def _date(use: Use) -> Condition:
    fields, part, matcher, zone = chosen_fields(use, 0), _part(use, 1), use.matcher(2), _zone(use)

    def date(run: Run) -> bool:
        shown, at = part(run), zone(run)
        moments = [moment for moment in map(parsed, fields(run)) if moment is not None]
        if shown is None:
            return False
        return matcher.any(run, (shown(moment.astimezone(at) if at else moment) for moment in moments))

    return date


def _currentdate(use: Use) -> Condition:
    """The same moment each time: that of delivery.  RFC 5260 5"""
    part, matcher, zone = _part(use, 0), use.matcher(1), _zone(use)

    def currentdate(run: Run) -> bool:
        shown = part(run)
        return shown is not None and matcher.any(run, (shown(run.now.astimezone(zone(run))),))

    return currentdate


_ZONES = (TagOf("zone", Takes.STRING, group="zone"), TagOf("originalzone", group="zone"))

EXTENSION = Extension(
    "date",
    "5260",
    questions=(
        Question("date", _date, ((Takes.STRING, Takes.STRING, Takes.STRINGS),), tags=_ZONES, matching=True),
        Question("currentdate", _currentdate, ((Takes.STRING, Takes.STRINGS),), tags=(_ZONES[0],), matching=True),
    ),
)
