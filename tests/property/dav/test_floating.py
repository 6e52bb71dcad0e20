"""Floating times are where the clocks of a zone show them, whatever zone, and also where clocks are changed."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from oddav.calendar.facts import facts, happenings, occurs
from oddav.content import components
from oddav.store import model
from oddav.store.model import Create, Put, Range
from oddav.store.store import Store

ZONES = st.sampled_from(
    [ZoneInfo(each) for each in ("Asia/Kolkata", "UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago")]
)
ACCOUNT = "11111111-1111-1111-1111-111111111111"
HORIZON = datetime(2028, 1, 1, tzinfo=UTC)
AROUND = st.integers(-40, 40).map(lambda hours: datetime(2026, 3, 29, 1) + timedelta(hours=hours))
"""When Berlin's clocks leave out an hour."""


def event(uid, start, day, hours, rule):
    begins = f";VALUE=DATE:{start:%Y%m%d}" if day else f":{start:%Y%m%dT%H%M%S}"
    lasts = f"P{hours // 24 + 1}D" if day else f"PT{hours}H"
    more = ["RRULE:FREQ=DAILY;COUNT=3"] if rule else []
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{begins}", f"DURATION:{lasts}", *more]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


EVENTS = st.lists(st.tuples(AROUND, st.booleans(), st.integers(0, 30), st.booleans()), min_size=1, max_size=4)


def wall(clock, zone):
    """The same by another way: what the clocks show before the change counts where they skip or repeat."""
    return int(clock.replace(tzinfo=zone).astimezone(UTC).timestamp())


@settings(max_examples=25, deadline=None)
@given(EVENTS, ZONES, AROUND, st.integers(1, 30))
def test_a_range_of_time_finds_what_happens_in_it_by_the_clocks_of_the_zone(made, zone, start, hours):
    since = int(start.replace(tzinfo=UTC).timestamp())
    until = since + hours * 3600
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder), 4, ZoneInfo("Asia/Kolkata"))
        home = store.open(ACCOUNT, (Create("c", model.Kind.CALENDAR, "VEVENT"),))
        due = set()
        for number, (begins, day, lasts, rule) in enumerate(made):
            octets = event(number, begins, day, lasts, rule)
            home.put(Put("c", f"{number}", octets, facts(octets, HORIZON)))
            first = begins.replace(hour=0) if day else begins
            length = timedelta(days=lasts // 24 + 1) if day else timedelta(hours=lasts)
            for at in (first + timedelta(days=each) for each in range(3 if rule else 1)):
                if occurs((wall(at, zone), max(wall(at + length, zone), wall(at, zone))), since, until):
                    due.add(f"{number}")
        with home.view() as view:
            found = list(view.in_range(view.collection("c"), Range("VEVENT", since, until, zone)))
        store.close()
    assert {item.href for item, _ in found} == due
    assert all(sure for _, sure in found)


@settings(max_examples=60, deadline=None)
@given(EVENTS, ZONES)
def test_rows_and_rules_tell_the_same_times(made, zone):
    for begins, day, lasts, rule in made:
        octets = event("u", begins, day, lasts, rule)
        computed = facts(octets, HORIZON)
        assert computed.occurrences == ()
        told = happenings(components(octets), HORIZON, ZoneInfo("UTC"))
        assert sorted({each.span for each in told}) == list(computed.floating)
        shifted = [each.span[0] for each in happenings(components(octets), HORIZON, zone)]
        offsets = [at - each for at, (each, _) in zip(sorted(shifted), computed.floating, strict=True)]
        assert all(abs(each) <= 14 * 3600 for each in offsets)
