"""Recurrence within a budget: a rule is refused before it could cost more than it may.  RFC 5545 3.3.10, 3.8.5

What the library does for a rule grows with the days it looks at from DTSTART to the horizon, whether they fit or not:
those are estimated first, and counted. Left alone it looks for a day that never comes up to the year 9999.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import YEARLY, rrulestr

from odcore.errors import Fault, Kind
from oddav.calendar.times import Zones, value
from oddav.content import Component

MOST = 10_000
"""Instances of one object."""

_MOST_STEPS = 50_000
_STEP = {"YEARLY": 365.0, "MONTHLY": 28.0, "WEEKLY": 7.0, "DAILY": 1.0, "HOURLY": 1 / 24, "MINUTELY": 1 / 1440}
_STEP["SECONDLY"] = 1 / 86400
_DAYS = {"YEARLY": 366, "MONTHLY": 31, "WEEKLY": 7}
"""Looked at in one step."""

_MOST_DAYS = 400_000
_LONGEST_LIST = 400
_MOST_A_DAY = 1440
_SLACK = 20_000
"""Days between two instances: a 29th of February that is a Sunday comes within forty years."""

Parts = dict[str, str]


def instances(component: Component, start: date, until: datetime, known: Zones) -> tuple[list[date], bool]:
    """When it begins, up to `until`, in order; and whether there may be more. Fault BAD_REQUEST beyond the budget."""
    found: set[date] = {start}
    more = False
    for line in component.all("RRULE"):
        dates, goes_on = _rule(line.value, start, until)
        found.update(dates)
        more = more or goes_on
    found.update(_dates(component, "RDATE", known))
    gone = set(_dates(component, "EXDATE", known))
    if more and component.first("EXRULE") is not None:
        raise Fault(Kind.LIMIT, "A series without end cannot be thinned out by a rule.")
    for line in component.all("EXRULE"):
        gone.update(_rule(line.value, start, until)[0])
    if len(found) > MOST:
        raise _too_many()
    return sorted(_alike(found - gone, start)), more


def _alike(dates: Iterable[date], start: date) -> Iterator[date]:
    """All dates or all times, as DTSTART is: a mixture could not be put in order."""
    return (each for each in dates if isinstance(each, datetime) is isinstance(start, datetime))


class _Enough(Exception):
    """All days up to the horizon were looked at, and many more."""


class _Counted(tuple[int, ...]):
    """The months of a rule, or its weekdays, which the library asks about each day it looks at: they count the days."""

    left: int

    def __contains__(self, each: object) -> bool:
        self.left -= 1
        if self.left < 0:
            raise _Enough
        return super().__contains__(each)


def _count(rule: Any, most: int) -> None:
    """No more days than `most`. A weekday of the year (BYDAY=20MO) becomes one of each month where months are named."""
    if rule._freq == YEARLY and rule._bynweekday and not rule._bymonth:
        rule._byweekday = counted = _Counted(rule._byweekday or range(7))
    else:
        rule._bymonth = counted = _Counted(rule._bymonth or range(1, 13))
    counted.left = most


def _rule(text: str, start: date, until: datetime) -> tuple[list[date], bool]:
    parts = _parts(text)
    last, ends = _last(parts, until)
    first = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day, tzinfo=UTC)
    days = _weigh(parts, (last - first) / timedelta(days=1))
    kept = ";".join(f"{name}={each}" for name, each in parts.items() if name != "UNTIL")
    try:
        rule = rrulestr(kept, dtstart=first.replace(tzinfo=None))
        _count(rule, days)
        local = last.astimezone(first.tzinfo).replace(tzinfo=None)
        begins = list(islice(_up_to(rule, local), MOST + 1))
    except (ValueError, TypeError, OverflowError, LookupError, AttributeError) as error:
        raise Fault(Kind.BAD_REQUEST, "The recurrence rule is not understood.") from error
    if len(begins) > MOST:
        raise _too_many()
    if isinstance(start, datetime):
        return [each.replace(tzinfo=first.tzinfo) for each in begins], not ends
    return [each.date() for each in begins], not ends


def _up_to(rule: Iterable[datetime], last: datetime) -> Iterator[datetime]:
    each = iter(rule)
    while True:
        try:
            found = next(each)
        except StopIteration:
            return
        except _Enough:  # others who read the rule would search up to the year 9999
            raise Fault(Kind.LIMIT, "The recurrence rule never happens.") from None
        if found > last:
            return
        yield found


def _parts(text: str) -> Parts:
    parts = dict(each.upper().partition("=")[::2] for each in text.strip().strip(";").split(";"))
    lists = [each.count(",") + 1 for each in parts.values()]
    if parts.get("FREQ") not in _STEP or max(lists) > _LONGEST_LIST:
        raise Fault(Kind.BAD_REQUEST, "The recurrence rule is not understood.")
    if parts["FREQ"] == "YEARLY" and "BYWEEKNO" in parts and any(each.isdigit() for each in parts.get("BYDAY", "")):
        raise Fault(Kind.BAD_REQUEST, "A rule by weeks of the year cannot count weekdays.")  # RFC 5545 3.3.10
    if (parts.pop("RSCALE", "GREGORIAN"), parts.pop("SKIP", "OMIT")) != ("GREGORIAN", "OMIT"):  # RFC 7529
        raise Fault(Kind.BAD_REQUEST, "The rule counts by another calendar, or moves days that are not there.")
    return parts


def _last(parts: Parts, horizon: datetime) -> tuple[datetime, bool]:
    """The end of what is looked at, and whether the rule itself ends there."""
    if "UNTIL" not in parts:
        return horizon, False
    told = value(parts["UNTIL"], "", {})
    end = told if isinstance(told, datetime) else datetime(told.year, told.month, told.day, 23, 59, 59, tzinfo=UTC)
    return (end, True) if end <= horizon else (horizon, False)


def _weigh(parts: Parts, days: float) -> int:
    """The days to look at. Fault BAD_REQUEST for what would take too many steps, whether they find anything or not."""
    try:
        interval, count = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "0"))
    except ValueError as error:
        raise Fault(Kind.BAD_REQUEST, "The recurrence rule is not understood.") from error
    if not 1 <= interval <= 10_000 or count < 0 or ("COUNT" in parts and not count):
        raise Fault(Kind.BAD_REQUEST, "The recurrence rule is not understood.")
    a_day = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= parts.get(name, "").count(",") + 1
    steps = days / (_STEP[parts["FREQ"]] * interval)
    plain = not any(name.startswith("BY") for name in parts)
    if count and plain:
        steps = min(steps, count)
    looked_at = steps * _DAYS.get(parts["FREQ"], 1)
    if steps > _MOST_STEPS or looked_at > _MOST_DAYS or a_day > _MOST_A_DAY:
        raise _too_many()
    return max(int(looked_at), 0) + _SLACK


def _dates(component: Component, name: str, known: Zones) -> list[date]:
    found: list[date] = []
    for line in component.all(name):
        texts = line.value.split(",")
        if len(found) + len(texts) > MOST:
            raise _too_many()
        found += [value(each.partition("/")[0].strip(), line.params.get("TZID", ""), known) for each in texts]
    return found


def _too_many() -> Fault:
    return Fault(Kind.LIMIT, f"It would happen more often than {MOST} times.")
