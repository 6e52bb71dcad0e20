"""Implicit scheduling inside the suite: what one puts into a calendar, others find in theirs.  RFC 6638 3.2"""

import os
from xml.etree import ElementTree

import pytest

from odcore.imip import Arrived
from odtest.calendars import Office, event


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.close()


def put(office, name, body, path="calendar/e.ics", **headers):
    told = office.ask(name, "PUT", path, body, **headers)
    assert told.status in (201, 204), told.octets
    office.carry()
    return told


def edit(office, name, uid, *changes, **headers):
    """Somebody changes their copy as an app would."""
    text, path = office.kept(name, uid), office.href(name, uid)
    for old, new in changes:
        assert old in text, text
        text = text.replace(old, new)
    return office.ask(name, "PUT", path, text, **headers)


def answer(office, name, said, uid="e", **headers):
    told = edit(
        office,
        name,
        uid,
        (f"PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{name}@x", f"PARTSTAT={said}:mailto:{name}@x"),
        **headers,
    )
    assert told.status == 204, told.octets
    office.carry()


def test_an_invitation_an_answer_a_change_and_the_end(office):
    told = put(office, "anna", event(invited=("bibhuti@x", "chitra@x")))
    assert "ETag" not in told.headers
    assert told.headers["Schedule-Tag"]
    assert "SCHEDULE-STATUS=1.2:mailto:bibhuti@x" in office.kept("anna", "e")
    assert office.says("bibhuti", "e", "bibhuti@x") == "NEEDS-ACTION"
    assert office.noted("bibhuti") == ["REQUEST"]
    answer(office, "bibhuti", "ACCEPTED")
    assert office.says("anna", "e", "bibhuti@x") == "ACCEPTED"
    assert office.noted("anna") == ["REPLY"]
    assert edit(office, "anna", "e", ("SUMMARY:Review", "SUMMARY:Another")).status == 204
    office.carry()
    assert "SUMMARY:Another" in office.kept("bibhuti", "e")
    assert office.says("bibhuti", "e", "bibhuti@x") == "ACCEPTED"
    assert edit(office, "anna", "e", ("20260105T10", "20260106T10")).status == 204
    office.carry()
    assert "SEQUENCE:1" in office.kept("bibhuti", "e")
    assert office.says("bibhuti", "e", "bibhuti@x") == "NEEDS-ACTION"
    assert office.ask("anna", "DELETE", "calendar/e.ics").status == 204
    office.carry()
    assert "STATUS:CANCELLED" in office.kept("chitra", "e")
    assert office.noted("chitra")[-1] == "CANCEL"


def test_who_declines_by_deleting_says_so_unless_told_not_to(office):
    put(office, "anna", event(invited=("bibhuti@x", "chitra@x")))
    assert office.ask("bibhuti", "DELETE", office.href("bibhuti", "e")).status == 204
    assert office.ask("chitra", "DELETE", office.href("chitra", "e"), schedule_reply="F").status == 204
    office.carry()
    assert office.says("anna", "e", "bibhuti@x") == "DECLINED"
    assert office.says("anna", "e", "chitra@x") == "NEEDS-ACTION"


def test_alarms_and_transparency_concern_nobody_else_and_stay(office):
    put(office, "anna", event())
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT"
    assert edit(office, "bibhuti", "e", ("END:VEVENT", "TRANSP:TRANSPARENT\r\n" + alarm)).status == 204
    office.carry()
    assert office.noted("anna") == []
    edit(office, "anna", "e", ("SUMMARY:Review", "SUMMARY:Another"))
    office.carry()
    kept = office.kept("bibhuti", "e")
    assert all(each in kept for each in ("SUMMARY:Another", "TRIGGER:-PT5M", "TRANSP:TRANSPARENT"))


@pytest.mark.parametrize(
    "change",
    [
        ("DTSTART;TZID=Asia/Kolkata:20260105T10", "DTSTART;TZID=Asia/Kolkata:20260105T12"),
        ("DURATION:PT1H", "DURATION:PT2H"),
        ("ORGANIZER;CN=Anna:mailto:anna@x", "ORGANIZER;CN=Bibhuti:mailto:bibhuti@x"),
        ("END:VEVENT", "ATTENDEE:mailto:dipti@x\r\nEND:VEVENT"),
        ("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bibhuti@x\r\n", ""),
    ],
)
def test_what_is_the_organizers_no_attendee_changes(office, change):
    put(office, "anna", event())
    told = edit(office, "bibhuti", "e", change)
    assert (told.status, b"allowed-attendee-scheduling-object-change" in told.octets) == (403, True), told.octets


def test_an_organizer_stays_and_a_thing_is_in_one_calendar(office):
    put(office, "anna", event())
    told = edit(office, "anna", "e", ("ORGANIZER;CN=Anna:mailto:anna@x", "ORGANIZER:mailto:bibhuti@x"))
    assert told.status == 403
    office.ask("anna", "MKCALENDAR", "second/")
    told = office.ask("anna", "PUT", "second/x.ics", event())
    assert (told.status, b"unique-scheduling-object-resource" in told.octets) == (409, True)
    assert b"calendar/e.ics" in told.octets
    second = event(parts=event(organizer="anna@y").partition("PRODID:-//test//EN\r\n")[2].rpartition("END:VCAL")[0])
    second = second.replace("mailto:anna@y\r\nATT", "mailto:anna@y\r\nRECURRENCE-ID:20260105T043000Z\r\nATT")
    told = office.ask("anna", "PUT", "calendar/f.ics", second.replace("UID:e", "UID:f"))
    assert b"same-organizer-in-all-components" in told.octets, told.octets


def test_a_schedule_tag_outlives_answers_and_their_words(office):
    tag = put(office, "anna", event(invited=("bibhuti@x", "chitra@x"))).headers["Schedule-Tag"]
    before = office.kept("anna", "e")
    answer(office, "bibhuti", "ACCEPTED")
    assert office.ask("anna", "GET", "calendar/e.ics").headers["Schedule-Tag"] == tag
    stale = before.replace("SUMMARY:Review", "SUMMARY:Another")
    assert office.ask("anna", "PUT", "calendar/e.ics", stale, if_schedule_tag_match='"other"').status == 412
    assert office.ask("anna", "PUT", "calendar/e.ics", stale, if_schedule_tag_match=tag).status == 204
    assert office.says("anna", "e", "bibhuti@x") == "ACCEPTED"
    assert office.ask("anna", "GET", "calendar/e.ics").headers["Schedule-Tag"] != tag
    assert office.ask("anna", "DELETE", "calendar/e.ics", if_schedule_tag_match=tag).status == 412


WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=5\r\n"


def exception(uid="e", invited=("bibhuti@x",), instant="20260112T100000", start="20260112T150000"):
    text = event(uid, invited=invited, start=start, more=f"RECURRENCE-ID;TZID=Asia/Kolkata:{instant}\r\n")
    return text.partition("PRODID:-//test//EN\r\n")[2].rpartition("END:VCALENDAR")[0]


def test_a_guest_of_one_instance_sees_that_one(office):
    parts = exception(invited=("bibhuti@x", "chitra@x"))
    put(office, "anna", event(more=WEEKLY, parts=parts))
    assert "RRULE" in office.kept("bibhuti", "e")
    guest = office.kept("chitra", "e")
    assert ("RRULE" in guest, guest.count("BEGIN:VEVENT"), "T150000" in guest) == (False, 1, True)
    answer(office, "chitra", "TENTATIVE")
    text = office.kept("anna", "e")
    assert text.count("PARTSTAT=TENTATIVE") == 1
    office.ask("anna", "PUT", "calendar/e.ics", event(more=WEEKLY, sequence=1))
    office.carry()
    assert "STATUS:CANCELLED" in office.kept("chitra", "e")
    assert office.kept("bibhuti", "e").count("BEGIN:VEVENT") == 1


def test_an_instance_left_out_is_cancelled_and_one_declined_stays_away(office):
    put(office, "anna", event(more=WEEKLY, invited=("bibhuti@x", "chitra@x")))
    edit(office, "anna", "e", (WEEKLY, WEEKLY + "EXDATE;TZID=Asia/Kolkata:20260112T100000\r\n"))
    office.carry()
    assert office.noted("bibhuti") == ["REQUEST", "CANCEL"]
    assert "EXDATE;TZID=Asia/Kolkata:20260112T100000" in office.kept("bibhuti", "e")
    told = edit(office, "bibhuti", "e", (WEEKLY, WEEKLY + "EXDATE;TZID=Asia/Kolkata:20260119T100000\r\n"))
    assert told.status == 204
    office.carry()
    kept = office.kept("anna", "e")
    assert "RECURRENCE-ID;TZID=Asia/Kolkata:20260119T100000" in kept
    assert kept.count("PARTSTAT=DECLINED") == 1
    edit(office, "anna", "e", ("SUMMARY:Review", "SUMMARY:Another"))
    office.carry()
    mine = office.kept("bibhuti", "e")
    assert ("20260119T100000" in mine, mine.count("BEGIN:VEVENT")) == (True, 1)


def test_who_is_no_longer_invited_is_told_and_who_comes_later_is_invited(office):
    put(office, "anna", event(invited=("bibhuti@x",)))
    put(office, "anna", event(invited=("chitra@x",)))
    assert "STATUS:CANCELLED" in office.kept("bibhuti", "e")
    assert office.says("chitra", "e", "chitra@x") == "NEEDS-ACTION"
    assert office.ask("bibhuti", "DELETE", office.href("bibhuti", "e")).status == 204
    office.carry()
    assert office.noted("anna") == []


def test_delegation_reaches_the_organizer_and_the_delegate(office):
    put(office, "anna", event())
    told = edit(
        office,
        "bibhuti",
        "e",
        (
            "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bibhuti@x",
            'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:dipti@x":mailto:bibhuti@x\r\n'
            'ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;DELEGATED-FROM="mailto:bibhuti@x":mailto:dipti@x',
        ),
    )
    assert told.status == 204, told.octets
    office.carry()
    assert office.says("anna", "e", "bibhuti@x") == "DELEGATED"
    assert office.says("dipti", "e", "dipti@x") == "NEEDS-ACTION"
    text = office.kept("dipti", "e").replace("PARTSTAT=NEEDS-ACTION;RSVP=TRUE;DELEGATED", "PARTSTAT=ACCEPTED;DELEGATED")
    assert office.ask("dipti", "PUT", office.href("dipti", "e"), text).status == 204
    office.carry()
    assert office.says("anna", "e", "dipti@x") == "ACCEPTED"


def test_a_post_invites_whoever_holds_it_and_answers_come_to_the_post(office):
    desk = office.ids["desk"]
    put(office, "anna", event(invited=("bibhuti@x",)), path=f"{desk}~calendar/e.ics")
    assert "ORGANIZER;CN=The Desk:mailto:desk@x" in office.kept("bibhuti", "e")
    answer(office, "bibhuti", "ACCEPTED")
    assert office.says("desk", "e", "bibhuti@x") == "ACCEPTED"
    assert office.kept("anna", "e") == ""


def test_agents_of_the_client_are_left_alone_and_strangers_are_told_by_their_status(office):
    text = event(invited=("bibhuti@x", "nobody@x", "guest@outside.example"))
    put(office, "anna", text.replace("RSVP=TRUE:mailto:bib", "RSVP=TRUE;SCHEDULE-AGENT=CLIENT:mailto:bib"))
    assert office.kept("bibhuti", "e") == ""
    kept = office.kept("anna", "e")
    assert "SCHEDULE-STATUS=3.7:mailto:nobody@x" in kept
    assert "SCHEDULE-STATUS=1.1:mailto:guest@outside.example" in kept
    [(sender, method, octets)] = office.outbox.sent.values()
    assert (sender, method, "SCHEDULE-" in octets) == ("anna@x", "REQUEST", False)
    forced = kept.replace("3.7:mailto:nobody", "3.7:mailto:x").replace(
        "SCHEDULE-STATUS=1.1", "SCHEDULE-FORCE-SEND=REQUEST"
    )
    office.ask("anna", "PUT", "calendar/e.ics", kept)
    office.carry()
    assert len(office.outbox.sent) == 1
    office.ask("anna", "PUT", "calendar/e.ics", forced.replace("mailto:x", "mailto:nobody@x").replace("@x@x", "@x"))
    office.carry()
    assert len(office.outbox.sent) == 2


def test_a_message_waits_for_the_directory_and_counts_once(office):
    office.away = True
    office.ask("anna", "PUT", "calendar/e.ics", event())
    office.carry()
    office.away = False
    assert office.kept("bibhuti", "e") == ""
    account = office.ids["anna"]
    home = office.store.open(account, ())
    home.write(lambda tx: tx.cursor.execute("UPDATE outgoing SET due = 0"))
    rows = home.read(lambda tx: tx.cursor.all("SELECT * FROM message"))
    more = home.read(lambda tx: tx.cursor.all("SELECT * FROM outgoing"))
    office.carry()
    assert office.noted("bibhuti") == ["REQUEST"]
    answer(office, "bibhuti", "ACCEPTED")
    for table, each in (("message", rows[0]), ("outgoing", more[0])):  # as if the carrier had died after arriving
        marks = ",".join("?" * len(each))
        home.write(lambda tx, t=table, e=each, m=marks: tx.cursor.execute(f"INSERT INTO {t} VALUES ({m})", e))
    office.carry()
    assert office.noted("bibhuti") == ["REQUEST"]
    assert office.says("bibhuti", "e", "bibhuti@x") == "ACCEPTED"


def test_something_private_of_the_same_uid_is_never_touched(office):
    private = event(organizer="x").replace("ORGANIZER;CN=Anna:mailto:x\r\n", "")
    assert office.ask("bibhuti", "PUT", "calendar/own.ics", private).status == 201
    put(office, "anna", event())
    assert office.ask("bibhuti", "GET", "calendar/own.ics").octets.decode() == private
    assert office.noted("bibhuti") == []


def test_what_is_nobodys_business_is_kept_as_it_came(office):
    text = event(organizer="someone@elsewhere.example", invited=("other@elsewhere.example",))
    told = office.ask("anna", "PUT", "calendar/e.ics", text)
    assert (told.status, "ETag" in told.headers, "Schedule-Tag" in told.headers) == (201, True, False)
    assert office.ask("anna", "GET", "calendar/e.ics").octets.decode() == text


def test_a_calendar_that_is_deleted_cancels_what_was_in_it(office):
    office.ask("anna", "MKCALENDAR", "second/")
    put(office, "anna", event(), path="second/e.ics")
    assert office.ask("anna", "DELETE", "second/").status == 204
    office.carry()
    assert "STATUS:CANCELLED" in office.kept("bibhuti", "e")


NAMES = (
    "schedule-default-calendar-URL",
    "schedule-inbox-URL",
    "schedule-outbox-URL",
    "calendar-user-type",
    "schedule-outbox",
)


def test_invitations_go_to_the_calendar_chosen_for_them(office):
    office.ask("bibhuti", "MKCALENDAR", "meetings/")
    body = (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        "<C:schedule-default-calendar-URL><D:href>{}</D:href></C:schedule-default-calendar-URL>"
        "</D:prop></D:set></D:propertyupdate>"
    )
    home = f"/dav/{office.ids['bibhuti']}"
    wrong = office.ask("bibhuti", "PROPPATCH", "inbox/", body.format(f"{home}/contacts/"))
    assert b"valid-schedule-default-calendar-URL" in wrong.octets
    assert office.ask("bibhuti", "PROPPATCH", "inbox/", body.format(f"{home}/meetings/")).status == 207
    put(office, "anna", event())
    assert office.kept("bibhuti", "e", "meetings")
    assert b"default-calendar-needed" in office.ask("bibhuti", "DELETE", "meetings/").octets
    asked = (
        '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:schedule-default-calendar-URL/>'
        "<C:schedule-inbox-URL/><C:schedule-outbox-URL/><C:calendar-user-type/><D:resourcetype/></D:prop></D:propfind>"
    )
    told = ElementTree.fromstring(office.ask("bibhuti", "PROPFIND", "", asked, depth="1").octets)
    found = {each: told.find(f".//{{urn:ietf:params:xml:ns:caldav}}{each}") for each in NAMES}
    assert found["calendar-user-type"].text == "INDIVIDUAL"
    paths = [told.findtext(f".//{{urn:ietf:params:xml:ns:caldav}}{each}/{{DAV:}}href") for each in NAMES[:3]]
    assert paths == [f"{home}/{each}/" for each in ("meetings", "inbox", "outbox")]
    assert found["schedule-outbox"] is not None


def test_inbox_and_outbox_are_the_servers(office):
    put(office, "anna", event())
    assert office.ask("bibhuti", "PUT", "inbox/x.ics", event("z")).status == 403
    assert office.ask("bibhuti", "DELETE", "inbox/").status == 403
    assert (
        office.ask("bibhuti", "MOVE", "calendar/x.ics", destination=f"/dav/{office.ids['bibhuti']}/inbox/").status
        == 403
    )
    note = office.href("bibhuti", "e", "inbox")
    assert b"METHOD:REQUEST" in office.ask("bibhuti", "GET", note).octets
    assert office.ask("bibhuti", "DELETE", note).status == 204
    assert office.noted("bibhuti") == []


def test_a_task_given_to_somebody_is_in_their_tasks(office):
    text = event("t").replace("VEVENT", "VTODO").replace("DURATION:PT1H\r\n", "")
    assert office.ask("anna", "PUT", "tasks/t.ics", text).status == 201
    office.carry()
    done = office.kept("bibhuti", "t", "tasks").replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=COMPLETED")
    assert office.ask("bibhuti", "PUT", office.href("bibhuti", "t", "tasks"), done).status == 204
    office.carry()
    assert office.says("anna", "t", "bibhuti@x", "tasks") == "COMPLETED"


def test_marks_of_who_gave_up_go_after_a_while_and_not_before(office, tmp_path):
    office.scheduling._pending.mark(office.ids["anna"])
    office.ask("anna", "GET", "calendar/")
    office.carry()
    [mark] = (tmp_path / "pending").iterdir()
    os.utime(mark, (0, 0))
    office.carry()
    assert list((tmp_path / "pending").iterdir()) == []


def test_what_cannot_be_kept_is_told_to_its_sender(office):
    for each in ("calendar/", "tasks/"):
        assert office.ask("bibhuti", "DELETE", each).status == 204
    put(office, "anna", event())
    assert "SCHEDULE-STATUS=5.1:mailto:bibhuti@x" in office.kept("anna", "e")


def test_answers_by_mail_count_once_and_only_from_who_they_are(office):
    put(office, "anna", event(invited=("guest@outside.example",)))
    said = event(invited=("guest@outside.example",)).replace(
        "NEEDS-ACTION;RSVP=TRUE:mailto:guest", "ACCEPTED:mailto:guest"
    )
    octets = said.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REPLY").encode()
    for number, author in enumerate(("stranger@outside.example", "guest@outside.example", "guest@outside.example")):
        office.mailed.arrived(Arrived(f"{number and 1}", office.ids["anna"], author, octets))
        office.carry()
        assert (office.says("anna", "e", "guest@outside.example") == "ACCEPTED") is bool(number)
    assert office.noted("anna") == ["REPLY"]


def test_who_asks_again_is_sent_the_present_state(office):
    put(office, "anna", event(invited=("guest@outside.example",)))
    asks = event(invited=("guest@outside.example",)).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REFRESH").encode()
    office.mailed.arrived(Arrived("r", office.ids["anna"], "guest@outside.example", asks))
    office.carry()
    assert [each[1] for each in office.outbox.sent.values()] == ["REQUEST", "REQUEST"]


def test_a_post_does_not_invite_from_its_holders_own_calendar(office):
    told = office.ask("anna", "PUT", "calendar/e.ics", event(organizer="desk@x"))
    assert (told.status, b"allowed-organizer-scheduling-object-change" in told.octets) == (403, True)
    invited = event(organizer="desk@x", invited=("anna@x", "bibhuti@x"))
    put(office, "anna", invited, path=f"{office.ids['desk']}~calendar/e.ics")
    answer(office, "anna", "ACCEPTED")
    assert office.says("desk", "e", "anna@x") == "ACCEPTED"


def test_whom_no_mail_reached_is_marked_in_the_organizers_copy(office):
    office.ask("anna", "PUT", "calendar/g.ics", event("g", invited=("guest@outside.example", "bibhuti@x")))
    office.carry()
    back = Arrived("b", office.ids["anna"], uid="g", returned=("guest@outside.example",))
    office.mailed.arrived(back)
    office.carry()
    lines = {each.rpartition(":")[2]: each for each in office.kept("anna", "g").split("\r\n") if each[:8] == "ATTENDEE"}
    assert "SCHEDULE-STATUS=5.1" in lines["guest@outside.example"]
    assert "SCHEDULE-STATUS=1.2" in lines["bibhuti@x"]
