"""Calendars and address books that others are let into."""

import re
from xml.etree import ElementTree

import pytest

from odcore.config.types import Duration, Size
from odcore.errors import Fault, Kind
from odcore.sharing.api import COLLECTIONS, Delegation, Power
from oddav.drive.settings import DriveSettings
from oddav.drive.store.drives import Drives
from oddav.shares import Collections, Folders, Shares
from oddav.store.model import Right, Share
from oddav.store.sharing import share, unshare
from odtest.calendars import Office, event

NAMES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
BOTH = ("bibhuti", "dipti")
COLOUR = "http://apple.com/ns/ical/"
BUSY = f'<C:free-busy-query {NAMES}><C:time-range start="20260101T000000Z" end="20260201T000000Z"/></C:free-busy-query>'
QUERY = (
    f"<C:calendar-query {NAMES}><D:prop><D:getetag/></D:prop>"
    '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    for name in ("bibhuti", "desk"):
        made.store.open(made.ids[name], made.carrier._users.account(made.ids[name]).first)
    yield made
    made.close()


def let(office, owner, subject, right, collection="calendar", giver=""):
    share(office.register, office.store.open(office.ids[owner], ()), Share(collection, subject, right, giver))


def see(office, name, path="", depth="1", props="<D:displayname/>"):
    body = f"<D:propfind {NAMES}><D:prop>{props}</D:prop></D:propfind>"
    answer = office.ask(name, "PROPFIND", path, body, depth=depth)
    assert answer.status == 207, answer.octets
    return {
        each.findtext("{DAV:}href").removeprefix(f"/dav/{office.ids[name]}/"): each
        for each in ElementTree.fromstring(answer.octets)
    }


def names(office, name):
    return {href: each.findtext(".//{DAV:}displayname") for href, each in see(office, name).items() if "~" in href}


def theirs(office, owner, collection="calendar"):
    return f"{office.ids[owner]}~{collection}/"


def privileges(office, name, path):
    found = next(iter(see(office, name, path, "0", "<D:current-user-privilege-set/>").values()))
    return {each.tag.partition("}")[2] for each in found.findall(".//{DAV:}privilege/*")}


def test_a_reader_sees_the_calendar_beside_their_own_and_cannot_change_it(office):
    assert names(office, "chitra") == {}
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.READ)
    path = theirs(office, "bibhuti")
    assert names(office, "chitra") == {path: "Bibhuti: Calendar"}
    assert office.ask("bibhuti", "PUT", "calendar/a.ics", event(invited=(), organizer="bibhuti@x")).status == 201
    assert office.ask("chitra", "GET", path + "a.ics").status == 200
    for answer in (
        office.ask("chitra", "PUT", path + "b.ics", event("b", invited=())),
        office.ask("chitra", "DELETE", path + "a.ics"),
        office.ask("chitra", "DELETE", path),
        office.ask("chitra", "MKCALENDAR", f"{office.ids['bibhuti']}~new/"),
    ):
        assert answer.status in (403, 404)
    assert b"need-privileges" in office.ask("chitra", "DELETE", path + "a.ics").octets
    assert privileges(office, "chitra", path) == {"read", "read-current-user-privilege-set", "read-free-busy"}
    assert office.ask("dipti", "GET", f"../{office.ids['bibhuti']}/calendar/a.ics").status == 404


def test_a_writer_writes_and_what_a_guest_names_and_colours_is_theirs_alone(office):
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.WRITE)
    path = theirs(office, "bibhuti")
    assert office.ask("chitra", "PUT", path + "a.ics", event(invited=(), organizer="bibhuti@x")).status == 201
    assert "write-content" in privileges(office, "chitra", path)
    patch = (
        f'<D:propertyupdate {NAMES} xmlns:A="{COLOUR}"><D:set><D:prop><D:displayname>The boss</D:displayname>'
        "<A:calendar-color>#FF0000FF</A:calendar-color></D:prop></D:set></D:propertyupdate>"
    )
    assert office.ask("chitra", "PROPPATCH", path, patch).status == 207
    assert names(office, "chitra")[path] == "The boss"
    own = see(office, "bibhuti", "calendar/", "0", f'<D:displayname/><A:calendar-color xmlns:A="{COLOUR}"/>')
    assert own["calendar/"].findtext(".//{DAV:}displayname") == "Calendar"
    assert own["calendar/"].findtext(f".//{{{COLOUR}}}calendar-color") == ""
    assert office.ask("chitra", "DELETE", path).status == 403


def test_free_busy_tells_when_and_nothing_of_what(office):
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.FREE_BUSY)
    office.ask("bibhuti", "PUT", "calendar/a.ics", event(invited=(), organizer="bibhuti@x"))
    path = theirs(office, "bibhuti")
    assert names(office, "chitra") == {}
    told = office.ask("chitra", "REPORT", path, BUSY)
    assert (told.status, b"FREEBUSY" in told.octets, b"Review" in told.octets) == (200, True, False)
    assert office.ask("chitra", "REPORT", path, QUERY, depth="1").status == 403
    expand = '<D:prop><C:calendar-data><C:expand start="20260101T000000Z" end="20260201T000000Z"/></C:calendar-data>'
    expanded = office.ask("chitra", "REPORT", path, QUERY.replace("<D:prop>", expand), depth="1")
    assert (expanded.status, b"Review" in expanded.octets) == (403, False)
    assert office.ask("chitra", "GET", path + "a.ics").status == 403
    assert office.ask("dipti", "REPORT", path, BUSY).status == 404


def test_groups_offices_and_posts_are_let_in_and_revoking_works_with_the_next_request(office):
    for subject, guest, other in (
        ("group:all", "chitra", "dipti"),
        ("office:state", "anna", "dipti"),
        (f"post:{office.ids['desk']}", "anna", "chitra"),
        ("anyone", "dipti", None),
    ):
        let(office, "bibhuti", subject, Right.READ)
        assert theirs(office, "bibhuti") in names(office, guest), subject
        assert other is None or theirs(office, "bibhuti") not in names(office, other), subject
        unshare(office.register, office.store.open(office.ids["bibhuti"], ()), "calendar", subject)
        assert theirs(office, "bibhuti") not in names(office, guest), subject


def test_a_posts_calendar_leaves_with_the_charge_and_so_does_what_its_holder_gave(office):
    let(office, "desk", f"person:{office.ids['chitra']}", Right.READ, giver=office.ids["anna"])
    assert names(office, "chitra") == {theirs(office, "desk"): "Calendar"}
    assert theirs(office, "desk") in names(office, "anna")
    office.holder = "dipti"
    assert names(office, "chitra") == {}
    assert names(office, "anna") == {}
    assert theirs(office, "desk") in names(office, "dipti")


def test_a_secretary_finds_the_principal_through_calendar_proxies(office):
    """As Apple's Calendar and DAVx5 look for it."""
    given = Delegation(office.ids["bibhuti"], office.ids["chitra"], frozenset({Power.WRITE}))
    office.register.delegate(COLLECTIONS, given, 2)
    props = "<CS:calendar-proxy-write-for/><CS:calendar-proxy-read-for/><D:group-membership/>"
    told = see(office, "chitra", "", "0", props)[""]
    boss = f"/dav/{office.ids['bibhuti']}/"
    space = "{http://calendarserver.org/ns/}"
    assert told.findtext(f".//{space}calendar-proxy-write-for/{{DAV:}}href") == boss
    assert told.find(f".//{space}calendar-proxy-read-for/{{DAV:}}href") is None
    assert told.findtext(".//{DAV:}group-membership/{DAV:}href") == f"{boss}calendar-proxy-write/"
    there = see(office, "chitra", f"../{office.ids['bibhuti']}/", "1", "<C:calendar-home-set/><D:resourcetype/>")
    assert f"{boss}calendar/" in there
    assert office.ask("chitra", "PUT", f"../{office.ids['bibhuti']}/calendar/a.ics", event(invited=())).status == 201
    assert {theirs(office, "bibhuti", each) for each in ("calendar", "tasks", "contacts", "notes")} == set(
        names(office, "chitra")
    )
    office.register.end(COLLECTIONS, office.ids["bibhuti"], office.ids["chitra"])
    assert office.ask("chitra", "PROPFIND", f"../{office.ids['bibhuti']}/").status == 404


def test_an_owner_names_delegates_in_the_calendar_program(office):
    def members(*names):
        inner = "".join(f"<D:href>/dav/{office.ids[name]}/</D:href>" for name in names)
        return (
            f"<D:propertyupdate {NAMES}><D:set><D:prop><D:group-member-set>{inner}</D:group-member-set>"
            "</D:prop></D:set></D:propertyupdate>"
        )

    path = "calendar-proxy-write/"
    assert office.ask("bibhuti", "PROPPATCH", path, members("chitra")).status == 207
    told = see(office, "bibhuti", path, "0", "<D:group-member-set/><D:resourcetype/>")[path]
    assert [each.text for each in told.findall(".//{DAV:}group-member-set/*")] == [f"/dav/{office.ids['chitra']}/"]
    assert told.find(".//{http://calendarserver.org/ns/}calendar-proxy-write") is not None
    assert office.ask("bibhuti", "PROPPATCH", path, members("anna", "chitra", "dipti")).status == 403
    assert office.ask("chitra", "PROPPATCH", f"../{office.ids['bibhuti']}/{path}", members("dipti")).status == 403
    assert office.ask("bibhuti", "PROPPATCH", path, members()).status == 207
    assert names(office, "chitra") == {}
    assert [each[0] for each in office.trail if each[2] == office.ids["bibhuti"]][-1] == "delegation-ended"


def test_apples_calendar_shares_and_takes_back(office):
    def ask(inner):
        body = f"<CS:share {NAMES}>{inner}</CS:share>"
        return office.ask("bibhuti", "POST", "calendar/", body, content_type="application/xml; charset=utf-8")

    given = ask("<CS:set><D:href>mailto:chitra@x</D:href><CS:read-write/></CS:set>")
    assert given.status == 200, given.octets
    path = theirs(office, "bibhuti")
    assert office.ask("chitra", "PUT", path + "a.ics", event(invited=(), organizer="bibhuti@x")).status == 201
    space = "{http://calendarserver.org/ns/}"
    mine = see(office, "bibhuti", "calendar/", "0", "<D:resourcetype/><CS:invite/>")["calendar/"]
    assert mine.find(f".//{space}shared-owner") is not None
    assert mine.findtext(f".//{space}user/{{DAV:}}href") == "mailto:chitra@x"
    guest = see(office, "chitra", path, "0", "<D:resourcetype/><CS:invite/><D:owner/>")[path]
    assert guest.find(f".//{{DAV:}}resourcetype/{space}shared") is not None
    assert guest.findtext(f".//{space}organizer/{{DAV:}}href") == f"/dav/{office.ids['bibhuti']}/"
    assert ask("<CS:set><D:href>mailto:nobody@x</D:href><CS:read/></CS:set>").status == 404
    assert ask("<CS:remove><D:href>mailto:chitra@x</D:href></CS:remove>").status == 200
    assert office.ask("chitra", "GET", path + "a.ics").status == 404
    assert [each[0] for each in office.trail] == ["collection-shared", "collection-unshared"]


def test_a_home_tells_which_collections_came_changed_and_went(office):
    """As Apple's Calendar synchronizes at its start."""

    def sync(token=""):
        body = f"<D:sync-collection {NAMES}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        answer = office.ask("chitra", "REPORT", "", f"{body}<D:prop><D:displayname/></D:prop></D:sync-collection>")
        assert answer.status == 207, answer.octets
        told = ElementTree.fromstring(answer.octets)
        found = {
            each.findtext("{DAV:}href").split("/")[-2]: "404" in (each.findtext("{DAV:}status") or "")
            for each in told.findall("{DAV:}response")
        }
        return found, told.findtext("{DAV:}sync-token")

    first, token = sync()
    assert set(first) >= {"calendar", "tasks", "contacts"}
    assert sync(token) == ({}, token)
    office.ask("chitra", "PUT", "calendar/a.ics", event(invited=(), organizer="chitra@x"))
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.READ)
    shared = theirs(office, "bibhuti").rstrip("/")
    changed, second = sync(token)
    assert changed == {"calendar": False, shared: False}
    unshare(office.register, office.store.open(office.ids["bibhuti"], ()), "calendar", f"person:{office.ids['chitra']}")
    assert sync(second)[0] == {shared: True}
    for bad in ("data:,home-", "data:,home-%%%", "nonsense", "data:,home-" + "A" * 70_000):
        body = f"<D:sync-collection {NAMES}><D:sync-token>{bad}</D:sync-token></D:sync-collection>"
        answer = office.ask("chitra", "REPORT", "", body)
        assert (answer.status, b"valid-sync-token" in answer.octets) == (403, True), bad


def test_an_owner_learns_how_full_it_is_and_a_guest_does_not(office):
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.WRITE)
    octets = event(invited=(), organizer="bibhuti@x").encode()
    office.ask("bibhuti", "PUT", "calendar/a.ics", octets)
    office.quota = 3000
    props = "<D:quota-used-bytes/><D:quota-available-bytes/>"
    (told,) = see(office, "bibhuti", "calendar/", "0", props).values()
    used, left = (int(told.findtext(f".//{{DAV:}}quota-{each}-bytes")) for each in ("used", "available"))
    assert used >= len(octets)
    assert used + left == 3000
    big = octets.replace(b"UID:e", b"UID:" + b"b" * 2800)
    full = office.ask("chitra", "PUT", f"{theirs(office, 'bibhuti')}b.ics", big)
    assert (full.status, b"quota-not-exceeded" in full.octets) == (507, True)
    assert office.ask("bibhuti", "PUT", "calendar/b.ics", octets.replace(b"UID:e", b"UID:b")).status == 201
    office.quota = 0
    (told,) = see(office, "bibhuti", "calendar/", "0", props).values()
    used, left = (int(told.findtext(f".//{{DAV:}}quota-{each}-bytes")) for each in ("used", "available"))
    assert used + left == 1 << 30
    (told,) = see(office, "chitra", theirs(office, "bibhuti"), "0", props).values()
    assert told.findtext(".//{DAV:}quota-used-bytes") == ""


def test_what_a_secretary_writes_the_officer_invites_to_and_the_secretary_signed(office):
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.WRITE)
    path = f"{theirs(office, 'bibhuti')}m.ics"
    assert office.ask("chitra", "PUT", path, event("m", "chitra@x", ("dipti@x",))).status == 201
    office.carry()
    for name in ("bibhuti", "dipti"):
        organizer = next(each for each in office.kept(name, "m").split("\r\n") if each.startswith("ORGANIZER"))
        assert organizer.endswith(":mailto:bibhuti@x")
        assert 'SENT-BY="mailto:chitra@x"' in organizer
    answered = office.kept("dipti", "m").replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
    office.ask("dipti", "PUT", office.href("dipti", "m"), answered)
    office.carry()
    assert office.says("bibhuti", "m", "dipti@x") == "ACCEPTED"
    assert office.noted("chitra") == []
    moved = office.kept("bibhuti", "m").replace("T100000", "T120000")
    assert office.ask("chitra", "PUT", path, moved).status == 204
    office.carry()
    assert "T120000" in office.kept("dipti", "m")
    assert office.kept("bibhuti", "m").count("SENT-BY") == 1
    own = event("o", "bibhuti@x", ("dipti@x",))
    office.ask("bibhuti", "PUT", "calendar/o.ics", own)
    assert "SENT-BY" not in office.kept("bibhuti", "o")


def test_what_a_secretary_answers_the_secretary_signed_until_the_officer_answers(office):
    let(office, "bibhuti", f"person:{office.ids['chitra']}", Right.WRITE)
    office.ask("dipti", "PUT", "calendar/m.ics", event("m", "dipti@x", ("bibhuti@x",)))
    office.carry()
    name = office.href("bibhuti", "m").rpartition("/")[2]

    def answer(who, path, said):
        text = re.sub("PARTSTAT=[A-Z-]+(?=[^\n]*bibhuti@x)", f"PARTSTAT={said}", office.kept("bibhuti", "m"))
        assert office.ask(who, "PUT", path, text).status == 204
        office.carry()
        assert office.says("dipti", "m", "bibhuti@x") == said
        return [next(x for x in office.kept(each, "m").split("\r\n") if "bibhuti@x" in x) for each in BOTH]

    for line in answer("chitra", f"{theirs(office, 'bibhuti')}{name}", "ACCEPTED"):
        assert 'SENT-BY="mailto:chitra@x"' in line
    for line in answer("bibhuti", f"calendar/{name}", "TENTATIVE"):
        assert "SENT-BY" not in line
    assert office.ask("chitra", "DELETE", f"{theirs(office, 'bibhuti')}{name}").status == 204
    office.carry()
    assert office.says("dipti", "m", "bibhuti@x") == "DECLINED"
    assert 'SENT-BY="mailto:chitra@x"' in office.kept("dipti", "m")


def test_the_holder_of_a_post_signs_nothing(office):
    office.ask("anna", "PUT", f"{theirs(office, 'desk')}m.ics", event("m", "anna@x", ("dipti@x",)))
    assert "mailto:desk@x" in office.kept("desk", "m")
    assert "SENT-BY" not in office.kept("desk", "m")


def test_only_calendars_tell_when_somebody_is_busy(office):
    owner, shares = (
        office.person(office.ids["bibhuti"]),
        Shares(Collections(office.register, office.store), office, lambda *_, **__: None, "me"),
    )
    for name in ("contacts", "tasks"):
        with pytest.raises(Fault) as refused:
            shares.share(owner, name, "anyone", "free-busy")
        assert refused.value.kind is Kind.UNSUPPORTED
    shares.share(owner, "calendar", "anyone", "free-busy")
    assert [(each.what, each.right) for each in shares.area.given(owner)] == [("calendar", "free-busy")]


def test_a_whole_drive_is_shared_only_by_who_says_so(office, tmp_path):
    drives = Drives(tmp_path / "drives", DriveSettings(Size(0), Duration(0)))
    owner, shares = (
        office.person(office.ids["bibhuti"]),
        Shares(Folders(office.register, drives), office, lambda *_, **__: None, "me"),
    )
    for what in ("/", "", "//"):
        with pytest.raises(Fault) as refused:
            shares.share(owner, what, "anyone", "read")
        assert refused.value.kind is Kind.DENIED
    shares.share(owner, "/", "anyone", "read", everything=True)
    assert [each.what for each in shares.area.given(owner)] == ["/"]
    drives.close()
