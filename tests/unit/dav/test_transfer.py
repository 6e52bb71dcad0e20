"""COPY and MOVE between calendars and homes; answers as short or as whole as a program prefers.  RFC 4918, 8144"""

from urllib.parse import quote

import pytest

from odtest.calendars import Office, event

SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
SHORT = {"prefer": "return=minimal"}
ASKED = f"<D:propfind {SPACES}><D:prop><D:getetag/><D:moon/></D:prop></D:propfind>"


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    made.ask("anna", "MKCALENDAR", "second/")
    yield made
    made.close()


def plain(uid="p", more=""):
    return (
        event(uid, "anna@x", (), more=more)
        .replace("ORGANIZER;CN=Anna:mailto:anna@x\r\n", "")
        .replace("ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@x\r\n", "")
    )


def send(office, method, source, to, name="anna", **headers):
    destination = f"https://mail.example/dav/{office.ids['anna']}/{to}"
    told = office.ask(name, method, source, destination=destination, **headers)
    return told.status, told.octets.decode()


def test_a_copy_is_one_more_and_the_source_stays(office):
    office.ask("anna", "PUT", "calendar/a.ics", plain())
    assert send(office, "COPY", "calendar/a.ics", "second/b.ics")[0] == 201
    assert office.ask("anna", "GET", "second/b.ics").octets.decode() == plain()
    assert office.ask("anna", "GET", "calendar/a.ics").status == 200
    assert send(office, "COPY", "calendar/a.ics", "second/b.ics")[0] == 204
    assert send(office, "COPY", "calendar/a.ics", "second/b.ics", overwrite="F")[0] == 412
    status, why = send(office, "COPY", "calendar/a.ics", "second/c.ics")
    assert (status, "no-uid-conflict" in why, "second/b.ics" in why) == (409, True, True)
    status, why = send(office, "COPY", "calendar/a.ics", "calendar/c.ics")
    assert (status, "no-uid-conflict" in why) == (409, True)
    status, why = send(office, "COPY", "calendar/a.ics", "tasks/a.ics")
    assert (status, "supported-calendar-component" in why) == (403, True)
    assert send(office, "COPY", "calendar/a.ics", "nowhere/a.ics")[0] == 409
    assert send(office, "COPY", "calendar/a.ics", "inbox/a.ics")[0] == 403
    assert send(office, "COPY", "calendar/none.ics", "second/n.ics")[0] == 404


def test_what_has_guests_has_one_copy_and_moves_without_a_word(office):
    office.ask("anna", "PUT", "calendar/i.ics", event("i"))
    office.carry()
    status, why = send(office, "COPY", "calendar/i.ics", "second/i.ics")
    assert (status, "unique-scheduling-object-resource" in why) == (409, True)
    before = office.noted("bibhuti")
    assert send(office, "MOVE", "calendar/i.ics", "second/i.ics", if_match='"other"')[0] == 412
    assert send(office, "MOVE", "calendar/i.ics", "second/i.ics")[0] == 201
    office.carry()
    assert office.noted("bibhuti") == before
    desk = f"{office.ids['desk']}~calendar/i.ics"
    assert send(office, "MOVE", "second/i.ics", desk)[0] == 403
    assert office.kept("anna", "i", "second")


def test_an_event_moves_into_the_calendar_of_a_post(office):
    office.ask("anna", "PUT", "calendar/a.ics", plain())
    desk = f"{office.ids['desk']}~calendar/a.ics"
    assert send(office, "MOVE", "calendar/a.ics", desk)[0] == 201
    assert office.ask("anna", "GET", "calendar/a.ics").status == 404
    assert office.ask("anna", "GET", desk).octets.decode() == plain()


@pytest.mark.parametrize("headers", [SHORT, {"prefer": "respond-async, return=minimal"}, {"brief": "t"}])
def test_a_short_listing_leaves_out_what_is_not_there(office, headers):
    office.ask("anna", "PUT", "calendar/a.ics", plain())
    whole = office.ask("anna", "PROPFIND", "calendar/", ASKED, depth="1")
    short = office.ask("anna", "PROPFIND", "calendar/", ASKED, depth="1", **headers)
    assert (whole.octets.count(b"404 Not Found"), short.octets.count(b"404 Not Found")) == (2, 0)
    assert short.octets.count(b"200 OK") == 2
    assert short.headers["Preference-Applied"] == "return=minimal"
    assert "Preference-Applied" not in whole.headers


def test_a_property_that_was_set_needs_no_words_and_one_that_was_not_does(office):
    body = f"<D:propertyupdate {SPACES}><D:set><D:prop>{{}}</D:prop></D:set></D:propertyupdate>"
    told = office.ask("anna", "PROPPATCH", "calendar/", body.format("<D:displayname>x</D:displayname>"), **SHORT)
    assert (told.status, told.octets) == (200, b"")
    told = office.ask("anna", "PROPPATCH", "calendar/", body.format("<D:getetag>x</D:getetag>"), **SHORT)
    assert told.status == 207


def test_a_writer_may_have_the_resource_back_as_it_was_stored(office):
    told = office.ask("anna", "PUT", "calendar/i.ics", event("i"), prefer="return=representation")
    assert (told.status, told.headers["Preference-Applied"]) == (201, "return=representation")
    assert b"SCHEDULE-STATUS" in told.octets
    got = office.ask("anna", "GET", "calendar/i.ics")
    assert (told.octets, told.headers["ETag"]) == (got.octets, got.headers["ETag"])
    stale = office.ask("anna", "PUT", "calendar/i.ics", event("i"), prefer="return=representation", if_match='"x"')
    assert (stale.status, stale.octets) == (412, got.octets)
    none = office.ask("anna", "PUT", "calendar/n.ics", event("n"), prefer="return=representation", if_match='"x"')
    assert (none.status, b"BEGIN" in none.octets) == (412, False)


@pytest.mark.parametrize("name", ["ନିମନ୍ତ୍ରଣ-०१.ics", "res-€.ics", "20:30, a*b'c?.ics", "क्‍ष #%2f&<x>.ics"])
def test_names_in_any_script_and_with_any_sign_are_kept(office, name):
    """As in a UID, which many programs make the name of."""
    path = f"calendar/{name}"
    assert office.ask("anna", "PUT", path, event("names")).status == 201
    href = f"/dav/{office.ids['anna']}/calendar/{quote(name)}"
    assert href in office.ask("anna", "PROPFIND", "calendar/", depth="1").octets.decode()
    body = (
        '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop>'
        f"<D:href>{href}</D:href></C:calendar-multiget>"
    )
    told = office.ask("anna", "REPORT", "calendar/", body).octets
    assert (b"getetag" in told, b" 404 " in told) == (True, False)
    moved = f"/dav/{office.ids['anna']}/calendar/{quote('ଘୁଞ୍ଚାଯାଇଛି')}"
    assert office.ask("anna", "MOVE", path, destination=f"https://mail.example{moved}").status == 201
    assert office.ask("anna", "DELETE", "calendar/ଘୁଞ୍ଚାଯାଇଛି").status == 204


def test_what_is_made_needs_something_to_be_in_and_a_body_in_xml(office):
    """RFC 4918 9.3.1"""
    for method in ("MKCOL", "MKCALENDAR"):
        assert office.ask("anna", method, "a/b/c/", content_type="").status == 409
    assert office.ask("anna", "MKCOL", "a/", "no XML", content_type="x-foo/bar").status == 415
