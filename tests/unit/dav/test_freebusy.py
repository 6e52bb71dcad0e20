"""Who is free? Of one calendar, and of people who are asked about.  RFC 4791 7.10, RFC 6638 5, RFC 7953"""

from datetime import UTC
from xml.etree import ElementTree

import pytest

from oddav.calendar.availability import told as hours_told
from oddav.calendar.availability import unavailable
from oddav.calendar.busy import Busy, merged, stamp, uncovered
from odtest.calendars import Office, calendar_of, event

C = "{urn:ietf:params:xml:ns:caldav}"


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.close()


def question(*people, organizer="anna@x", start="20260105T000000Z", end="20260106T000000Z", more=""):
    asked = "".join(f"ATTENDEE:mailto:{each}\r\n" for each in people)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:q\r\n"
        f"DTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\nORGANIZER:mailto:{organizer}\r\n{asked}{more}"
        "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )


def asked(office, *people, **more):
    """What is told of each: the status, and the FREEBUSY lines."""
    told = office.ask("anna", "POST", "outbox/", question(*people, **more))
    assert told.status == 200, told.octets
    found = {}
    for each in ElementTree.fromstring(told.octets).findall(f"{C}response"):
        who = each.findtext(f"{C}recipient/{{DAV:}}href").removeprefix("mailto:")
        text = (each.findtext(f"{C}calendar-data") or "").replace("\r\n", "\n").replace("\n ", "")
        lines = [line.removeprefix("FREEBUSY;FBTYPE=") for line in text.split("\n") if line.startswith("FREEBUSY")]
        found[who] = (each.findtext(f"{C}request-status")[:3], lines)
    return found


def test_each_who_is_asked_about_is_told_of_in_their_own_way(office):
    office.ask("bibhuti", "PUT", "calendar/a.ics", event("a", "bibhuti@x", ()))
    told = asked(office, "bibhuti@x", "chitra@x", "nobody@x", "guest@outside.example")
    assert told == {
        "bibhuti@x": ("2.0", ["BUSY:20260105T043000Z/20260105T053000Z"]),
        "chitra@x": ("2.0", []),
        "nobody@x": ("3.7", []),
        "guest@outside.example": ("5.3", []),
    }
    office.away = True
    assert asked(office, "bibhuti@x") == {"bibhuti@x": ("5.1", [])}


def test_what_is_transparent_cancelled_tentative_declined_or_moved_counts_as_that(office):
    for number, (start, more) in enumerate(
        [
            ("20260105T060000", "TRANSP:TRANSPARENT\r\n"),
            ("20260105T080000", "STATUS:CANCELLED\r\n"),
            ("20260105T100000", "STATUS:TENTATIVE\r\n"),
            ("20260105T120000", ""),
        ]
    ):
        told = office.ask("bibhuti", "PUT", f"calendar/{number}.ics", event(f"{number}", "bibhuti@x", (), start, more))
        assert told.status == 201, told.octets
    office.ask("anna", "PUT", "calendar/i.ics", event("i", start="20260105T160000"))
    office.carry()
    tentative = ["BUSY-TENTATIVE:20260105T043000Z/20260105T053000Z", "BUSY:20260105T063000Z/20260105T073000Z"]
    asked_for = "BUSY-TENTATIVE:20260105T103000Z/20260105T113000Z"
    assert asked(office, "bibhuti@x")["bibhuti@x"] == ("2.0", [*tentative, asked_for])
    mine = office.kept("bibhuti", "i")
    declined = mine.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED")
    office.ask("bibhuti", "PUT", office.href("bibhuti", "i"), declined)
    assert asked(office, "bibhuti@x")["bibhuti@x"] == ("2.0", tentative)
    masked = asked(office, "bibhuti@x", more="X-CALENDARSERVER-MASK-UID:3\r\n")
    assert masked["bibhuti@x"] == ("2.0", tentative[:1])


def test_series_with_exceptions_count_instance_by_instance_and_far_ahead(office):
    weekly = event("w", "bibhuti@x", (), more="RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Asia/Kolkata:20260112T100000\r\n")
    office.ask("bibhuti", "PUT", "calendar/w.ics", weekly)
    range_ = {"start": "20260105T000000Z", "end": "20260120T000000Z"}
    told = asked(office, "bibhuti@x", **range_)["bibhuti@x"][1]
    assert told == ["BUSY:20260105T043000Z/20260105T053000Z", "BUSY:20260119T043000Z/20260119T053000Z"]
    far = {"start": "20400101T000000Z", "end": "20400108T000000Z"}
    assert len(asked(office, "bibhuti@x", **far)["bibhuti@x"][1]) == 1


PROPERTY = (
    '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>{}</D:prop></D:set>'
    "</D:propertyupdate>"
)


def test_a_calendar_may_be_left_out_and_hours_of_office_are_kept(office):
    office.ask("bibhuti", "PUT", "calendar/a.ics", event("a", "bibhuti@x", ()))
    transparent = "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
    assert office.ask("bibhuti", "PROPPATCH", "calendar/", PROPERTY.format(transparent)).status == 207
    assert asked(office, "bibhuti@x")["bibhuti@x"] == ("2.0", [])
    hours = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VAVAILABILITY\r\nUID:v\r\nDTSTAMP:20260101T000000Z\r\n"
        "BEGIN:AVAILABLE\r\nUID:o\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Asia/Kolkata:20260101T100000\r\n"
        "DTEND;TZID=Asia/Kolkata:20260101T173000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\nEND:AVAILABLE\r\n"
        "END:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
    )
    body = PROPERTY.format(f"<C:calendar-availability>{hours}</C:calendar-availability>")
    assert office.ask("bibhuti", "PROPPATCH", "inbox/", body).status == 207
    assert asked(office, "bibhuti@x")["bibhuti@x"][1] == [
        "BUSY-UNAVAILABLE:20260105T000000Z/20260105T043000Z",
        "BUSY-UNAVAILABLE:20260105T120000Z/20260106T000000Z",
    ]


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        (question("bibhuti@x", organizer="bibhuti@x"), b"valid-organizer"),
        (question("bibhuti@x").replace("METHOD:REQUEST", "METHOD:REPLY"), b"valid-scheduling-message"),
        (question(), b"valid-scheduling-message"),
        (question("bibhuti@x", end="20250101T000000Z"), b"valid-scheduling-message"),
        (question("bibhuti@x", end="20290101T000000Z"), b"valid-scheduling-message"),
        ("nonsense", b"valid-calendar-data"),
    ],
)
def test_a_question_that_is_none_is_told_why(office, body, condition):
    told = office.ask("anna", "POST", "outbox/", body)
    assert (told.status, condition in told.octets) == (403, True), told.octets


def test_only_an_outbox_takes_questions(office):
    assert office.ask("anna", "POST", "calendar/", question("bibhuti@x")).status == 405
    told = office.ask("anna", "POST", "outbox/", question("bibhuti@x"), content_type="text/plain")
    assert b"supported-calendar-data" in told.octets
    assert office.ask("anna", "POST", f"../{office.ids['bibhuti']}/outbox/", question("anna@x")).status == 404


def test_one_calendars_free_busy_is_a_report(office):
    office.ask("anna", "PUT", "calendar/a.ics", event("a", "anna@x", ()))
    body = (
        '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="{}" end="{}"/>'
        "</C:free-busy-query>"
    )
    told = office.ask("anna", "REPORT", "calendar/", body.format("20260105T000000Z", "20260106T000000Z"))
    assert told.headers["Content-Type"].startswith("text/calendar")
    assert b"FREEBUSY;FBTYPE=BUSY:20260105T043000Z/20260105T053000Z" in told.octets
    for path, start in (("calendar/", "20270101T000000Z"), ("contacts/", "20260105T000000Z"), ("calendar/", "x")):
        assert office.ask("anna", "REPORT", path, body.format(start, "20260106T000000Z")).status == 403


def test_the_stronger_availability_decides():
    def part(priority, day, kind):
        return (
            f"BEGIN:VAVAILABILITY\r\nUID:{priority}\r\nPRIORITY:{priority}\r\nBUSYTYPE:{kind}\r\n"
            f"DTSTART:{day}T000000Z\r\nDURATION:P1D\r\nEND:VAVAILABILITY\r\n"
        )

    text = part(0, "20260105", "BUSY").replace("P1D", "P2D") + part(1, "20260106", "BUSY-TENTATIVE")
    since, until = 1767571200, 1767571200 + 3 * 86400  # 2026-01-05
    found = unavailable(hours_told(f"BEGIN:VCALENDAR\r\n{text}END:VCALENDAR\r\n".encode(), UTC), since, until)
    assert merged(found) == [
        Busy(since, since + 86400, "BUSY"),
        Busy(since + 86400, since + 2 * 86400, "BUSY-TENTATIVE"),
    ]
    assert stamp(since) == "20260105T000000Z"
    assert uncovered((0, 10), [(2, 4), (3, 5), (9, 20)]) == [(0, 2), (5, 9)]


def hours(*more, uid="v", until="11"):
    """On Mondays from ten, UTC."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VAVAILABILITY", f"UID:{uid}", "DTSTART:20260101T000000Z"),
        *("BEGIN:AVAILABLE", "UID:o", "DTSTART:20260105T100000Z", f"DTEND:20260105T{until}0000Z", "RRULE:FREQ=WEEKLY"),
        *("END:AVAILABLE", *more, "END:VAVAILABILITY", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


MOVED = (
    *("BEGIN:AVAILABLE", "UID:o", "RECURRENCE-ID:20260112T100000Z", "DTSTART:20260112T140000Z"),
    *("DURATION:PT1H", "END:AVAILABLE"),
)


def test_hours_are_kept_in_calendars_made_for_them_and_count(office):
    """RFC 7953 7: as they came, found by time, in the free-busy of the calendar and of the person."""
    assert office.ask("bibhuti", "MKCALENDAR", "hours/", calendar_of("VAVAILABILITY")).status == 201
    assert office.ask("bibhuti", "PUT", "calendar/h.ics", hours()).status == 403
    assert office.ask("bibhuti", "PUT", "hours/h.ics", hours(*MOVED)).status == 201
    assert office.ask("bibhuti", "GET", "hours/h.ics").octets == hours(*MOVED).encode()
    span = {"start": "20260112T000000Z", "end": "20260113T000000Z"}
    assert asked(office, "bibhuti@x", **span)["bibhuti@x"][1] == [
        "BUSY-UNAVAILABLE:20260112T000000Z/20260112T140000Z",
        "BUSY-UNAVAILABLE:20260112T150000Z/20260113T000000Z",
    ]
    body = '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="{start}" end="{end}"/>'
    told = office.ask("bibhuti", "REPORT", "hours/", body.format(**span) + "</C:free-busy-query>")
    assert told.octets.count(b"FREEBUSY;FBTYPE=BUSY-UNAVAILABLE") == 2
    query = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop/><C:filter>'
        '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VAVAILABILITY"><C:time-range start="{start}" '
        'end="{end}"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>'
    )
    early = {"start": "20250101T000000Z", "end": "20250102T000000Z"}
    for when, there in ((span, True), (early, False)):
        assert (b"h.ics" in office.ask("bibhuti", "REPORT", "hours/", query.format(**when)).octets) is there
    hostile = hours(
        "BEGIN:AVAILABLE", "UID:p", "DTSTART:20260105T100000Z", "RRULE:FREQ=SECONDLY", "END:AVAILABLE", uid="w"
    )
    assert office.ask("bibhuti", "PUT", "hours/w.ics", hostile).status == 403


@pytest.mark.parametrize("space", [C, "{http://calendarserver.org/ns/}"])
def test_hours_that_nobody_could_read_are_refused(office, space):
    """By both names that programs use; what was there before stays."""
    name = f'<A:calendar-availability xmlns:A="{space[1:-1]}">{{}}</A:calendar-availability>'
    for text, status in ((hours(), 200), ("nonsense", 403), (event(), 403), (hours(until="xx"), 403)):
        told = office.ask("bibhuti", "PROPPATCH", "inbox/", PROPERTY.format(name.format(text)))
        assert f"HTTP/1.1 {status} ".encode() in told.octets
    assert "BUSY-UNAVAILABLE:20260105T110000Z/20260106T000000Z" in asked(office, "bibhuti@x")["bibhuti@x"][1]
