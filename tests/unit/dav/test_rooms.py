"""Rooms answer by themselves: free or taken, and not too far ahead."""

from datetime import timedelta

import pytest

from odcore import clock
from odtest.calendars import Office, event


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.close()


def at(days, hour=10):
    return f"{clock.now() + timedelta(days=days):%Y%m%d}T{hour:02}0000"


def invite(office, name, uid, start, more=""):
    told = office.ask(name, "PUT", f"calendar/{uid}.ics", event(uid, f"{name}@x", ("hall@x",), start, more))
    assert told.status in (201, 204), told.octets
    office.carry()
    return office.says(name, uid, "hall@x")


def test_a_free_room_accepts_and_a_taken_one_declines_and_says_when(office):
    day = f"{clock.now() + timedelta(days=3):%d-%m-%Y}"
    assert invite(office, "anna", "first", at(3)) == "ACCEPTED"
    assert invite(office, "bibhuti", "second", at(3)) == "DECLINED"
    assert invite(office, "bibhuti", "third", at(3, 11)) == "ACCEPTED"
    home = office.store.open(office.ids["bibhuti"], ())
    with home.view() as view:
        notes = view.octets(view.items(view.collection("inbox"))).values()
    assert any(f"COMMENT:It is taken on {day} at 10:00." in each.decode() for each in notes)
    assert office.ask("anna", "DELETE", "calendar/first.ics").status == 204
    office.carry()
    assert invite(office, "chitra", "fourth", at(3)) == "ACCEPTED"


def test_a_booking_may_be_moved_to_where_the_room_is_free(office):
    invite(office, "anna", "first", at(3))
    invite(office, "bibhuti", "second", at(4))
    assert invite(office, "anna", "first", at(4)) == "DECLINED"
    assert invite(office, "anna", "first", at(5)) == "ACCEPTED"
    assert invite(office, "chitra", "third", at(3)) == "ACCEPTED"


def test_a_series_needs_every_one_of_its_dates(office):
    invite(office, "anna", "first", at(9))
    assert invite(office, "bibhuti", "daily", at(1), "RRULE:FREQ=DAILY;COUNT=10\r\n") == "DECLINED"
    assert invite(office, "chitra", "short", at(1), "RRULE:FREQ=DAILY;COUNT=5\r\n") == "ACCEPTED"


def test_nobody_books_further_ahead_than_may_be(office):
    assert invite(office, "anna", "far", at(40)) == "DECLINED"
    assert invite(office, "anna", "endless", at(1), "RRULE:FREQ=WEEKLY\r\n") == "DECLINED"
    assert invite(office, "anna", "near", at(29)) == "ACCEPTED"


def test_free_busy_of_a_room_is_what_it_accepted(office):
    invite(office, "anna", "first", at(3))
    invite(office, "bibhuti", "second", at(3))
    day = f"{clock.now() + timedelta(days=3):%Y%m%d}"
    body = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:q\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{day}T000000Z\r\nDTEND:{day}T235900Z\r\nORGANIZER:mailto:anna@x\r\nATTENDEE:mailto:hall@x\r\n"
        "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    told = office.ask("anna", "POST", "outbox/", body).octets
    assert told.count(b"FREEBUSY;FBTYPE=BUSY:") == 1


def test_a_refusal_is_in_the_language_of_who_invites(office):
    office.languages = {"bibhuti": "or", "chitra": "hi"}
    invite(office, "anna", "first", at(3))
    for name, word in (("bibhuti", "ଆଗରୁ ସଂରକ୍ଷିତ"), ("chitra", "पहले से आरक्षित")):
        assert invite(office, name, name, at(3)) == "DECLINED"
        with office.store.open(office.ids[name], ()).view() as view:
            notes = view.octets(view.items(view.collection("inbox"))).values()
        assert any(word in each.decode().replace("\r\n ", "") for each in notes)
