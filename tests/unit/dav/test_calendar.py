"""When a calendar object happens, and what a hostile one may cost."""

import time
from datetime import UTC, datetime
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr

from odcore.errors import Fault, Kind
from oddav.calendar.facts import facts
from oddav.facts import FOREVER

UNTIL = datetime(2028, 1, 1, tzinfo=UTC)


def object_(*lines, kind="VEVENT", zone=""):
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            *zone.splitlines(),
            f"BEGIN:{kind}",
            "UID:u",
            *lines,
            f"END:{kind}",
            "END:VCALENDAR",
            "",
        ]
    ).encode()


def starts(*lines, **more):
    return [
        datetime.fromtimestamp(start, UTC).strftime("%Y%m%dT%H%M")
        for start, _ in facts(object_(*lines, **more), UNTIL).occurrences
    ]


def test_a_zone_is_found_by_its_name_by_windows_name_or_in_the_object():
    kolkata = ["20260105T0430"]
    assert starts("DTSTART;TZID=Asia/Kolkata:20260105T100000") == kolkata
    assert starts("DTSTART;TZID=India Standard Time:20260105T100000") == kolkata
    assert starts("DTSTART;TZID=/mozilla.org/20050126_1/Asia/Kolkata:20260105T100000") == kolkata
    brought = (
        "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+055320\n"
        "TZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE"
    )
    assert starts("DTSTART;TZID=Office:20260105T100000", zone=brought) == kolkata


def test_a_series_keeps_local_time_and_exceptions_take_their_place():
    found = starts(
        "DTSTART;TZID=Europe/Berlin:20260326T100000",
        "RRULE:FREQ=DAILY;COUNT=5",
        "EXDATE;TZID=Europe/Berlin:20260327T100000",
    )
    assert found == ["20260326T0900", "20260328T0900", "20260329T0800", "20260330T0800"]
    moved = object_("DTSTART:20260105T100000Z", "RRULE:FREQ=DAILY;COUNT=2").replace(
        b"END:VCALENDAR",
        b"BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID:20260106T100000Z\r\nDTSTART:20260109T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR",
    )
    assert [start for start, _ in facts(moved, UNTIL).occurrences] == [1767607200, 1767952800]


def test_what_has_no_end_is_exact_up_to_the_horizon_and_what_ends_forever():
    assert facts(object_("DTSTART:20260105", "RRULE:FREQ=YEARLY"), UNTIL).exact_until == UNTIL.timestamp()
    assert facts(object_("DTSTART:20260105", "RRULE:FREQ=YEARLY;UNTIL=20270105"), UNTIL).exact_until == FOREVER
    assert len(facts(object_("DTSTART:20260105", "RRULE:FREQ=YEARLY;UNTIL=20270105"), UNTIL).floating) == 2


def test_a_task_without_a_date_happens_always_and_a_journal_entry_never():
    ((start, end),) = facts(object_("SUMMARY:x", kind="VTODO"), UNTIL).occurrences
    assert start < 0 < end
    assert facts(object_("SUMMARY:x", kind="VJOURNAL"), UNTIL).occurrences == ()


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=MINUTELY"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=1000000000"],
        ["DTSTART:00010101T000000Z", "RRULE:FREQ=DAILY"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=HOURLY;INTERVAL=0"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=HOURLY;INTERVAL=-1"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=YEARLY;INTERVAL=1000000000000"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30"],
        [
            "DTSTART:20260101T000000Z",
            "RRULE:FREQ=YEARLY;COUNT=1;BYHOUR="
            + ",".join(map(str, range(24)))
            + ";BYMINUTE="
            + ",".join(map(str, range(60)))
            + ";BYSECOND="
            + ",".join(map(str, range(60))),
        ],
        ["DTSTART:20260101T000000Z", "RDATE:" + ",".join(["20260101T000000Z"] * 100_000)],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY;UNTIL=20260101T010000Z;BYSETPOS=5"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO"],
        ["DTSTART:20260101T000000Z", "RRULE:FREQ=NEVER"],
        ["DTSTART:20260101T000000Z", "RRULE:nonsense"],
        ["DTSTART:20260199T000000Z"],
        ["SUMMARY:no start"],
    ],
)
def test_a_hostile_rule_is_refused_at_once(lines):
    before = time.process_time()
    with pytest.raises(Fault) as refused:
        facts(object_(*lines), UNTIL)
    assert refused.value.kind in (Kind.LIMIT, Kind.BAD_REQUEST)
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("lines", "many"),
    [
        (["DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z"], 731),
        (["DTSTART:20260101T000000Z", "RRULE:FREQ=YEARLY;COUNT=1000000000"], 3),
        (["DTSTART:20260101T000000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU"], 1),
        (["DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;UNTIL=20260105T000000Z", "EXRULE:FREQ=DAILY;INTERVAL=2"], 2),
        (["DTSTART:20260101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=20"], 20),
        (
            [
                "DTSTART:20260101T000000Z",
                "RRULE:FREQ=YEARLY;BYSETPOS=" + ",".join(map(str, range(1, 300))) + ";BYDAY=MO",
            ],
            105,
        ),
    ],
)
def test_a_strange_rule_is_computed_within_the_budget(lines, many):
    before = time.process_time()
    assert len(facts(object_(*lines), UNTIL).occurrences) == many
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=10;COUNT=5",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "FREQ=MONTHLY;BYDAY=1FR",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "FREQ=YEARLY;BYMONTH=6,7",
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYDAY=1MO,-1SU",
        "FREQ=YEARLY;BYDAY=2MO;BYMONTH=1,10",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20,40;COUNT=50",
    ],
)
def test_counting_days_changes_no_rule(rule):
    """The library alone says the same."""
    plain = islice(rrulestr(rule, dtstart=datetime(1997, 9, 2, 9)), 10_000)
    wanted = {datetime(1997, 9, 2, 9), *takewhile(lambda each: each < datetime(2028, 1, 1), plain)}
    told = starts("DTSTART:19970902T090000Z", f"RRULE:{rule}")
    assert told == [f"{each:%Y%m%dT%H%M}" for each in sorted(wanted)]


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYDAY=99MO", "FREQ=MONTHLY;BYDAY=99MO", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO"]
)
def test_a_weekday_that_cannot_be_counted_is_refused(rule):
    with pytest.raises(Fault) as refused:
        starts("DTSTART:20260105T100000Z", f"RRULE:{rule}")
    assert refused.value.kind in (Kind.BAD_REQUEST, Kind.LIMIT)


def test_a_rule_in_an_exception_counts_for_nothing():
    exception = (
        "BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20260106T100000Z\nDTSTART:20260109T100000Z\nRRULE:FREQ=DAILY\nEND:VEVENT"
    )
    assert starts("DTSTART:20260105T100000Z", "RRULE:FREQ=DAILY;COUNT=2", zone=exception) == [
        "20260105T1000",
        "20260109T1000",
    ]
