"""Holidays: out of a sheet or a calendar file into a calendar that everybody reads and nobody writes in."""

import pytest

from odcore.errors import Fault
from oddav.feeds.holidays import keep, read
from oddav.store import sharing
from oddav.store.first import first
from oddav.store.model import Right, Share
from odtest.calendars import Office

SHEET = "Date,Holiday,ଛୁଟି\n2026-01-26,Republic Day,ସାଧାରଣତନ୍ତ୍ର ଦିବସ\n01/04/2026,Utkal Divas,\n"
FILE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\n"
    b"DTSTART;VALUE=DATE:20270126\r\nSUMMARY:Republic Day\r\n"
    b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270401\r\nSUMMARY:Utkal Divas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def office(tmp_path):
    one = Office(tmp_path)
    yield one
    one.close()


def load(office, octets, name="holidays", subject="anyone"):
    """As the command does, for the post desk."""
    home = office.store.open(office.ids["desk"], first("en"))
    wanted = read(octets if isinstance(octets, bytes) else octets.encode())
    changed = home.write(lambda tx: keep(tx, name, "Holidays", wanted))
    sharing.share(office.register, home, Share(name, subject, Right.READ))
    return changed


def shown(office, name, collection="holidays"):
    """What somebody reads of it in their own home."""
    path = f"{office.ids['desk']}~{collection}/"
    body = '<D:propfind xmlns:D="DAV:"><D:prop><D:current-user-privilege-set/></D:prop></D:propfind>'
    told = office.ask(name, "PROPFIND", path, body, depth="1", content_type="text/xml")
    if told.status == 404:
        return None
    assert b"<D:write" not in told.octets
    query = (
        '<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><C:calendar-data/></D:prop>'
        '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
    )
    return office.ask(name, "REPORT", path, query, depth="1", content_type="text/xml").octets.decode()


def test_a_sheet_shows_its_days_to_everybody_and_nobody_writes_there(office):
    assert load(office, SHEET) == 2
    for name in ("anna", "dipti"):
        text = shown(office, name)
        assert "SUMMARY:Republic Day · ସାଧାରଣତନ୍ତ୍ର ଦିବସ" in text.replace("\r\n ", "").replace("&#13;\n ", "")
        assert "DTSTART;VALUE=DATE:20260401" in text
        path = f"{office.ids['desk']}~holidays/x.ics"
        told = office.ask(name, "PUT", path, FILE.replace(b"END:VEVENT\r\nBEGIN:VEVENT", b"", 1))
        assert (told.status, b"need-privileges" in told.octets) == (403, True)


def test_a_districts_own_days_are_seen_in_the_district_alone(office):
    load(office, SHEET, "holidays-khordha", "office:revenue")
    assert "Utkal" in shown(office, "bibhuti", "holidays-khordha")
    assert shown(office, "dipti", "holidays-khordha") is None


def test_a_new_list_takes_the_place_of_its_years_and_leaves_others(office):
    load(office, SHEET)
    assert load(office, SHEET) == 0
    assert load(office, FILE) == 2
    assert load(office, SHEET.replace("01/04/2026,Utkal Divas,\n", "")) == 1
    text = shown(office, "dipti")
    assert text.count("BEGIN:VEVENT") == 3
    assert "VALARM" not in text


@pytest.mark.parametrize(
    ("sheet", "why"), [("2026-01-26,\n", "Row 1"), ("Date,Name\nsoon,Holi\n", "Row 2"), ("Date,Name\n", "no holiday")]
)
def test_what_is_no_holiday_is_told_by_its_row(sheet, why):
    with pytest.raises(Fault, match=why):
        read(sheet.encode())


def test_a_calendar_of_the_same_name_is_left_alone(office):
    with pytest.raises(Fault, match="already"):
        load(office, SHEET, "calendar")
