"""When an alarm rings.  RFC 5545 3.6.6, RFC 4791 9.9"""

from collections.abc import Iterable
from datetime import tzinfo

from oddav.calendar.facts import Span
from oddav.calendar.times import Zones, duration, instant, moment
from oddav.content import Component

_MOST = 1000
"""Repetitions that are looked at."""


def rings(alarm: Component, spans: Iterable[Span], wanted: Span, known: Zones, zone: tzinfo) -> bool:
    """In the time `wanted`, of what happens at `spans`? Fault BAD_REQUEST."""
    trigger, again = alarm.first("TRIGGER"), alarm.first("DURATION")
    if trigger is None:
        return False
    if trigger.params.get("VALUE", "").upper() == "DATE-TIME":
        firsts = [instant(moment(trigger, known), zone)]
    else:
        before = int(duration(trigger.value).total_seconds())
        at = 1 if trigger.params.get("RELATED", "").upper() == "END" else 0
        firsts = [span[at] + before for span in spans]
    told = alarm.text("REPEAT")
    times = min(int(told), _MOST) if again is not None and told.isascii() and told.isdigit() else 0
    step = int(duration(again.value).total_seconds()) if again is not None else 0
    since, until = wanted
    return any(since <= first + number * step < until for first in firsts for number in range(times + 1))
