"""Whole days and times without a zone: by the house's clocks, the calendar's own, or those a query brings along."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from odcore import clock
from odtest.calendars import Office, event

C = "{urn:ietf:params:xml:ns:caldav}"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
BERLIN = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\n"
    "DTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    "END:VCALENDAR\r\n"
)


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.close()


def day(uid="d", date="20260105", more=""):
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z"
        f"\r\nDTSTART;VALUE=DATE:{date}\r\nSUMMARY:Holiday\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def patch(office, name, inner, path="calendar/"):
    body = f"<D:propertyupdate {SPACES}><D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>"
    return office.ask(name, "PROPPATCH", path, body).octets.decode()


def found(office, start, end, zone="", data="<D:getetag/>"):
    body = (
        f'<C:calendar-query {SPACES}><D:prop>{data}</D:prop><C:filter><C:comp-filter name="VCALENDAR">'
        f'<C:comp-filter name="VEVENT"><C:time-range start="{start}" end="{end}"/></C:comp-filter></C:comp-filter>'
        f"</C:filter>{zone}</C:calendar-query>"
    )
    told = office.ask("anna", "REPORT", "calendar/", body)
    return told.octets.decode().count("<D:response>") if told.status == 207 else told.octets.decode()


def test_a_day_begins_at_the_houses_midnight_in_queries_and_in_free_busy(office):
    office.ask("anna", "PUT", "calendar/d.ics", day())
    assert found(office, "20260104T183000Z", "20260104T184000Z") == 1
    assert found(office, "20260105T182900Z", "20260105T183000Z") == 1
    assert found(office, "20260104T180000Z", "20260104T183000Z") == 0
    assert found(office, "20260105T183000Z", "20260105T190000Z") == 0
    span = '<C:time-range start="20260101T000000Z" end="20260110T000000Z"/>'
    busy = f"<C:free-busy-query {SPACES}>{span}</C:free-busy-query>"
    told = office.ask("anna", "REPORT", "calendar/", busy).octets
    assert b"FREEBUSY;FBTYPE=BUSY:20260104T183000Z/20260105T183000Z" in told


def test_the_calendars_own_zone_comes_before_and_a_query_s_before_that(office):
    office.ask("anna", "PUT", "calendar/d.ics", day())
    assert "200 OK" in patch(office, "anna", f"<C:calendar-timezone>{BERLIN}</C:calendar-timezone>")
    assert found(office, "20260105T220000Z", "20260105T230000Z") == 1
    assert found(office, "20260104T183000Z", "20260104T190000Z") == 0
    by_name = "<C:timezone-id>Asia/Tokyo</C:timezone-id>"
    assert found(office, "20260104T150000Z", "20260104T160000Z", by_name) == 1
    assert found(office, "20260105T220000Z", "20260105T230000Z", by_name) == 0
    brought = f"<C:timezone>{BERLIN}</C:timezone>"
    patch(office, "anna", "<C:calendar-timezone-id>Asia/Tokyo</C:calendar-timezone-id>")
    assert found(office, "20260104T150000Z", "20260104T160000Z") == 1
    assert found(office, "20260105T220000Z", "20260105T230000Z", brought) == 1
    assert "valid-timezone" in found(
        office, "20260105T220000Z", "20260105T230000Z", "<C:timezone-id>Mars</C:timezone-id>"
    )
    assert "valid-calendar-data" in found(office, "20260105T220000Z", "20260105T230000Z", "<C:timezone>x</C:timezone>")


def test_a_zone_is_told_by_name_and_written_out_whichever_was_set(office):
    ask = f"<D:propfind {SPACES}><D:prop><C:calendar-timezone/><C:calendar-timezone-id/></D:prop></D:propfind>"
    look = lambda: ElementTree.fromstring(office.ask("anna", "PROPFIND", "calendar/", ask, depth="0").octets)  # noqa: E731
    patch(office, "anna", f"<C:calendar-timezone>{BERLIN}</C:calendar-timezone>")
    assert look().findtext(f".//{C}calendar-timezone-id") == "Europe/Berlin"
    patch(office, "anna", "<C:calendar-timezone-id>Asia/Kolkata</C:calendar-timezone-id>")
    assert "TZID:Asia/Kolkata" in look().findtext(f".//{C}calendar-timezone")
    for wrong, condition in (
        ("<C:calendar-timezone-id>Mars/Base</C:calendar-timezone-id>", "valid-timezone"),
        ("<C:calendar-timezone>BEGIN:VCALENDAR</C:calendar-timezone>", "valid-calendar-data"),
    ):
        told = patch(office, "anna", f"{wrong}<D:displayname>No</D:displayname>")
        assert (condition in told, "424" in told) == (True, True)
        made = f"<C:mkcalendar {SPACES}><D:set><D:prop>{wrong}</D:prop></D:set></C:mkcalendar>"
        assert office.ask("anna", "MKCALENDAR", "new/", made).status == 403
    assert look().findtext(f".//{C}calendar-timezone-id") == "Asia/Kolkata"


def test_a_room_is_taken_for_whole_days_of_the_house(office):
    on = lambda days: f"{clock.now() + timedelta(days=days):%Y%m%d}"  # noqa: E731
    guests = "ORGANIZER:mailto:anna@x\r\nATTENDEE:mailto:anna@x\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:hall@x\r\n"
    assert office.ask("anna", "PUT", "calendar/r.ics", day("r", on(5), guests)).status == 201
    office.carry()
    assert office.says("anna", "r", "hall@x") == "ACCEPTED"
    for uid, start, said in (("early", f"{on(5)}T010000", "DECLINED"), ("next", f"{on(6)}T010000", "ACCEPTED")):
        office.ask("bibhuti", "PUT", f"calendar/{uid}.ics", event(uid, "bibhuti@x", ("hall@x",), start))
        office.carry()
        assert office.says("bibhuti", uid, "hall@x") == said


def test_hours_of_office_without_a_zone_are_the_houses(office):
    hours = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VAVAILABILITY\r\nUID:v\r\nDTSTAMP:20260101T000000Z\r\nBEGIN:AVAILABLE\r\n"
        "UID:o\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260105T100000\r\nDTEND:20260105T173000\r\nEND:AVAILABLE\r\n"
        "END:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
    )
    patch(office, "anna", f"<C:calendar-availability>{hours}</C:calendar-availability>", "inbox/")
    question = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:q\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART:20260105T000000Z\r\nDTEND:20260106T000000Z\r\nORGANIZER:mailto:bibhuti@x\r\nATTENDEE:mailto:anna@x\r\n"
        "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    told = office.ask("bibhuti", "POST", "outbox/", question).octets.decode().replace("\r\n ", "")
    assert "BUSY-UNAVAILABLE:20260105T000000Z/20260105T043000Z" in told
    assert "BUSY-UNAVAILABLE:20260105T120000Z/20260106T000000Z" in told
