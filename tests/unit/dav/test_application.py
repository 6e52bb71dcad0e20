"""CalDAV and CardDAV through the gateway's door, without a socket."""

from types import SimpleNamespace
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from odcore import clock
from odcore.directory.model import AccountKind, AccountRef, Person, Post
from odcore.identity.api import Principal
from oddav.calendar.facts import facts, horizon
from oddav.radicale.app import app
from oddav.radicale.visit import House
from oddav.scheduling.implicit import Implicit
from oddav.search.index import Cards
from oddav.store.model import Put
from oddav.store.store import Store
from odtest import asked

ME = "11111111-1111-1111-1111-111111111111"
POST = "22222222-2222-2222-2222-222222222222"
OTHER = "33333333-3333-3333-3333-333333333333"

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
    'DTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:Möte\r\nX-APPLE-STRUCTURED-LOCATION;X-TITLE="a,b":geo:20.27,85.84\r\n'
    "{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
)
TODO = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:t\r\nSUMMARY:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
CARD = "BEGIN:VCARD\r\nVERSION:{version}\r\nUID:{uid}\r\nFN:Rasmi, Rout\r\nX-ODD:a,b;c\r\nEND:VCARD\r\n"


def event(uid="e1", start="20260105T100000Z", more=""):
    return EVENT.format(uid=uid, start=start, more=more).encode()


def post(id):
    return Post(id=id, dn="", cn="p", title="A post", addresses=("p@x",))


class Client:
    """Asks the application as the gateway would after sign-in. Nobody is invited to anything."""

    def __init__(self, store, me=ME, posts=(POST,)):
        access = SimpleNamespace(
            posts=lambda _: tuple(Post(id=p, dn="", cn="p", title="A post", addresses=("p@x",)) for p in posts)
        )
        nothing = SimpleNamespace(around=lambda _: ((), ()))
        more = (None, None, None, 0, None, None, Cards(store._folder))
        self._app = app(House(store, access, nothing, None, Implicit(None, None, None), *more))
        person = Person(id=me, dn="", uid="me", name="Me", addresses=("me@x", "m@x"))
        account = AccountRef(id=me, address="me@x", name="Me", kind=AccountKind.PERSON)
        self._principal = Principal(person, account)

    def __call__(self, method, path, body=b"", **headers):
        return asked.ask(self._app, self._principal, method, path, body, **headers)


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path, 8, ZoneInfo("Asia/Kolkata"))
    yield made
    made.close()


@pytest.fixture
def ask(store):
    return Client(store)


def hrefs(answer):
    assert answer.status == 207, answer.octets
    return [each.text for each in ElementTree.fromstring(answer.octets).findall("{DAV:}response/{DAV:}href")]


def prop(*names):
    inner = "".join(f"<{name}/>" for name in names)
    return (
        '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
        f' xmlns:A="http://apple.com/ns/ical/" xmlns:CR="urn:ietf:params:xml:ns:carddav">'
        f"<D:prop>{inner}</D:prop></D:propfind>"
    )


def report(kind, inner):
    space = "urn:ietf:params:xml:ns:carddav" if kind.startswith("CR:") else "urn:ietf:params:xml:ns:caldav"
    return f'<{kind} xmlns:D="DAV:" xmlns:C="{space}" xmlns:CR="{space}"><D:prop><D:getetag/></D:prop>{inner}</{kind}>'


def in_range(start, end, more=""):
    return report(
        "C:calendar-query",
        '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f'<C:time-range start="{start}" end="{end}"/>{more}</C:comp-filter></C:comp-filter></C:filter>',
    )


CALENDAR = f"/{ME}/calendar/"


def test_octets_come_back_as_they_went_in_and_the_etag_is_theirs(ask):
    put = ask("PUT", CALENDAR + "a.ics", event())
    assert put.status == 201
    got = ask("GET", CALENDAR + "a.ics")
    assert (got.status, got.octets, got.headers["ETag"]) == (200, event(), put.headers["ETag"])
    again = ask("GET", CALENDAR + "a.ics", if_none_match=put.headers["ETag"])
    assert (again.status, again.octets) == (304, b"")
    body = report("C:calendar-multiget", f"<D:href>/dav{CALENDAR}a.ics</D:href>").replace(
        "<D:getetag/>", "<D:getetag/><C:calendar-data/>"
    )
    told = ElementTree.fromstring(ask("REPORT", CALENDAR, body).octets)
    assert told.find(".//{urn:ietf:params:xml:ns:caldav}calendar-data").text.encode() == event()


def test_preconditions_let_one_of_two_writers_through(ask):
    first = ask("PUT", CALENDAR + "a.ics", event(), if_none_match="*").headers["ETag"]
    assert ask("PUT", CALENDAR + "a.ics", event(more="A:1\r\n"), if_none_match="*").status == 412
    assert ask("PUT", CALENDAR + "a.ics", event(more="A:1\r\n"), if_match=first).status == 204
    assert ask("PUT", CALENDAR + "a.ics", event(more="A:2\r\n"), if_match=first).status == 412
    assert ask("DELETE", CALENDAR + "a.ics", if_match=first).status == 412
    assert ask("DELETE", CALENDAR + "a.ics").status == 204
    assert ask("DELETE", CALENDAR + "a.ics").status == 404
    assert ask("PUT", CALENDAR + "a.ics", event(), if_match="*").status == 412


@pytest.mark.parametrize(
    ("path", "body", "status", "condition"),
    [
        ("calendar/b.ics", event("e1"), 409, "no-uid-conflict"),
        ("calendar/a.ics", event("e2"), 409, "no-uid-conflict"),
        ("calendar/t.ics", TODO, 403, "supported-calendar-component"),
        ("calendar/x.ics", b"nonsense", 403, "valid-calendar-data"),
        ("calendar/x.ics", b"", 403, "valid-calendar-data"),
        ("calendar/x.ics", event("x").replace("Möte".encode(), b"\xff"), 403, "valid-calendar-data"),
        ("calendar/x.ics", event("x", more="RRULE:FREQ=SECONDLY\r\n"), 403, "max-instances"),
        ("calendar/x.ics", event("x" * (9 << 20)), 403, "max-resource-size"),
        ("contacts/x.vcf", event(), 403, "valid-address-data"),
        ("contacts/x.vcf", CARD.format(version="2.1", uid="c"), 403, "supported-address-data"),
        ("nothing/x.ics", event("x"), 409, "resource-must-be-null"),
    ],
)
def test_what_may_not_be_stored_is_told_by_the_name_of_its_condition(ask, path, body, status, condition):
    ask("PUT", CALENDAR + "a.ics", event("e1"))
    told = ask("PUT", f"/{ME}/{path}", body)
    assert (told.status, condition.encode() in told.octets) == (status, True), told.octets
    assert ask("GET", CALENDAR + "a.ics").octets == event("e1")


def test_a_put_on_a_collection_never_replaces_it(ask):
    ask("PUT", CALENDAR + "a.ics", event())
    for path in (CALENDAR, CALENDAR.rstrip("/"), f"/{ME}/"):
        assert ask("PUT", path, b"").status in (405,)
    assert ask("GET", CALENDAR + "a.ics").status == 200


def test_cards_of_both_versions_are_kept_verbatim(ask):
    for version in ("3.0", "4.0"):
        card = CARD.format(version=version, uid=version).encode()
        assert ask("PUT", f"/{ME}/contacts/{version}.vcf", card).status == 201
        assert ask("GET", f"/{ME}/contacts/{version}.vcf").octets == card
    query = '<CR:filter><CR:prop-filter name="FN"><CR:text-match>rout</CR:text-match></CR:prop-filter></CR:filter>'
    assert len(hrefs(ask("REPORT", f"/{ME}/contacts/", report("CR:addressbook-query", query)))) == 2


def test_a_home_tells_an_app_where_everything_is(ask):
    told = ask(
        "PROPFIND", f"/{ME}/", prop("C:calendar-home-set", "C:calendar-user-address-set", "D:displayname"), depth="0"
    )
    for part in (f"/dav/{ME}/", "mailto:me@x", "mailto:m@x", "Me"):
        assert part in told.octets.decode()
    assert hrefs(ask("PROPFIND", f"/{ME}/", prop("D:resourcetype"), depth="1"))[1:] == [
        *(f"/dav/{ME}/{each}" for each in ("calendar/", "tasks/", "contacts/", "notes/", "inbox/", "outbox/")),
        *(f"/dav/{ME}/{POST}~{each}" for each in ("calendar/", "tasks/", "contacts/", "notes/")),
    ]
    assert hrefs(ask("PROPFIND", "/", prop("D:current-user-principal"))) == ["/dav/"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PROPFIND", "REPORT", "MKCALENDAR", "PROPPATCH", "MOVE"])
def test_somebody_else_cannot_be_told_from_nobody(store, ask, method):
    other = Client(store, OTHER)
    other("PUT", f"/{OTHER}/calendar/a.ics", event())
    answers = {
        (told.status, told.octets)
        for account in (OTHER, "44444444-4444-4444-4444-444444444444", "nobody")
        for path in (f"/{account}/calendar/a.ics", f"/{account}/none/b.ics", f"/{account}/calendar/", f"/{account}/")
        for told in [ask(method, path, in_range("20260101T000000Z", "20270101T000000Z") if method == "REPORT" else b"")]
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_a_holder_writes_in_the_calendar_of_the_post_and_others_do_not_see_it(store, ask):
    assert ask("PUT", f"/{POST}/calendar/a.ics", event()).status == 201
    assert Client(store, OTHER)("GET", f"/{POST}/calendar/a.ics").status == 200
    assert ask("GET", f"/{ME}/{POST}~calendar/a.ics").octets == event()
    found = hrefs(ask("REPORT", f"/{ME}/{POST}~calendar/", in_range("20260101T000000Z", "20270101T000000Z")))
    assert found == [f"/dav/{ME}/{POST}~calendar/a.ics"]
    assert Client(store, OTHER, posts=())("GET", f"/{OTHER}/{POST}~calendar/a.ics").status == 404
    assert Client(store, OTHER, posts=())("GET", f"/{POST}/calendar/a.ics").status == 404


def test_properties_with_xml_in_them_come_back_whole_and_protected_ones_stay(ask):
    body = (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="http://apple.com/ns/ical/">'
        "<D:set><D:prop><C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
        "<A:calendar-color>#AABBCCFF</A:calendar-color>{more}</D:prop></D:set></D:propertyupdate>"
    )
    assert (
        b"200 OK" in ask("PROPPATCH", CALENDAR, body.format(more="<D:displayname>My &amp; own</D:displayname>")).octets
    )
    told = ask("PROPFIND", CALENDAR, prop("C:schedule-calendar-transp", "A:calendar-color", "D:displayname"), depth="0")
    found = ElementTree.fromstring(told.octets)
    assert (
        found.find(
            ".//{urn:ietf:params:xml:ns:caldav}schedule-calendar-transp/{urn:ietf:params:xml:ns:caldav}transparent"
        )
        is not None
    )
    assert found.find(".//{http://apple.com/ns/ical/}calendar-color").text == "#AABBCCFF"
    assert found.find(".//{DAV:}displayname").text == "My & own"
    refused = ask("PROPPATCH", CALENDAR, body.format(more="<D:getetag>x</D:getetag><D:displayname>No</D:displayname>"))
    assert b"cannot-modify-protected-property" in refused.octets
    assert b"My &amp; own" in ask("PROPFIND", CALENDAR, prop("D:displayname"), depth="0").octets


def sync(ask, token="", limit="", path=CALENDAR):
    cut = f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>" if limit else ""
    body = (
        f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{cut}'
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
    told = ask("REPORT", path, body)
    if told.status != 207:
        return told.status, told.octets
    tree = ElementTree.fromstring(told.octets)
    changes = {
        each.findtext("{DAV:}href"): each.findtext("{DAV:}status") or each.findtext(".//{DAV:}getetag")
        for each in tree.findall("{DAV:}response")
    }
    return changes, tree.findtext("{DAV:}sync-token")


def test_a_token_tells_what_changed_since_and_a_foreign_one_is_refused(ask):
    ask("PUT", CALENDAR + "a.ics", event("a"))
    ask("PUT", CALENDAR + "b.ics", event("b"))
    _, token = sync(ask)
    assert sync(ask, token)[0] == {}
    ask("DELETE", CALENDAR + "a.ics")
    etag = ask("PUT", CALENDAR + "c.ics", event("c")).headers["ETag"]
    changes, _ = sync(ask, token)
    assert changes == {f"/dav{CALENDAR}a.ics": "HTTP/1.1 404 Not Found", f"/dav{CALENDAR}c.ics": etag}
    assert sync(ask, "data:,other-3")[0] == 403
    assert b"valid-sync-token" in sync(ask, "data:,other-3")[1]
    assert sync(ask, "data:,other-3", path=f"/{ME}/contacts/")[0] == 400
    ask("DELETE", CALENDAR)
    ask("MKCALENDAR", CALENDAR)
    assert sync(ask, token)[0] == 403


def test_pages_of_changes_add_up_to_all_of_them(ask):
    for number in range(7):
        ask("PUT", f"{CALENDAR}{number}.ics", event(str(number)))
    seen, token, pages = {}, "", 0
    while True:
        changes, token = sync(ask, token, "3")
        seen |= {href: etag for href, etag in changes.items() if href.endswith(".ics")}
        pages += 1
        if changes.get(f"/dav{CALENDAR}") != "HTTP/1.1 507 Insufficient Storage":
            break
    assert (len(seen), pages) == (7, 3)


def test_a_query_by_time_finds_recurrences_near_and_far(ask):
    ask("PUT", CALENDAR + "once.ics", event("once", "20260105T100000Z"))
    ask("PUT", CALENDAR + "daily.ics", event("daily", "20260301T100000Z", "RRULE:FREQ=WEEKLY\r\n"))
    ask("PUT", CALENDAR + "ends.ics", event("ends", "20260301T100000Z", "RRULE:FREQ=WEEKLY;COUNT=3\r\n"))
    names = lambda start, end, more="": sorted(  # noqa: E731
        href.rpartition("/")[2] for href in hrefs(ask("REPORT", CALENDAR, in_range(start, end, more)))
    )
    assert names("20260105T103000Z", "20260105T104000Z") == ["once.ics"]
    assert names("20260105T110000Z", "20260105T120000Z") == []
    assert names("20260308T000000Z", "20260309T000000Z") == ["daily.ics", "ends.ics"]
    assert names("20450301T000000Z", "20450309T000000Z") == ["daily.ics"]
    text = '<C:prop-filter name="UID"><C:text-match>END</C:text-match></C:prop-filter>'
    assert names("20260308T000000Z", "20260309T000000Z", text) == ["ends.ics"]


def test_a_move_keeps_the_octets_and_leaves_a_trace_on_both_sides(ask):
    ask("MKCALENDAR", f"/{ME}/second/")
    ask("PUT", CALENDAR + "a.ics", event())
    (_, here), (_, there) = sync(ask), sync(ask, path=f"/{ME}/second/")
    assert ask("MOVE", CALENDAR + "a.ics", destination=f"https://mail.example/dav/{ME}/second/b.ics").status == 201
    assert ask("GET", f"/{ME}/second/b.ics").octets == event()
    assert list(sync(ask, here)[0].values()) == ["HTTP/1.1 404 Not Found"]
    assert list(sync(ask, there, path=f"/{ME}/second/")[0]) == [f"/dav/{ME}/second/b.ics"]
    assert ask("MOVE", f"/{ME}/second/b.ics", destination=f"https://other.example/dav{CALENDAR}a.ics").status == 502
    assert ask("MOVE", f"/{ME}/second/b.ics", destination=f"/dav/{OTHER}/calendar/a.ics").status == 404


def test_collections_are_made_with_what_they_hold(ask):
    body = (
        '<D:mkcol xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype>'
        "<D:collection/><CR:addressbook/></D:resourcetype><D:displayname>Book</D:displayname></D:prop></D:set></D:mkcol>"
    )
    assert ask("MKCOL", f"/{ME}/book/", body).status == 201
    assert ask("MKCOL", f"/{ME}/book/", body).status == 405
    assert ask("PUT", f"/{ME}/book/a.vcf", CARD.format(version="4.0", uid="a")).status == 201
    assert ask("MKCOL", f"/{ME}/plain/").status == 403
    assert ask("MKCALENDAR", f"/{ME}/book/deeper/").status == 403


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><D:propfind xmlns:D="DAV:"><D:prop>&a;</D:prop></D:propfind>',
        "<D:propfind",
        "<a>" * 20_000,
    ],
)
def test_hostile_xml_is_a_bad_request(ask, body):
    assert ask("PROPFIND", CALENDAR, body, depth="0").status == 400


def test_deep_nesting_and_unknown_charsets_are_bad_requests(ask):
    deep = "<a>" * 50_000 + "</a>" * 50_000
    body = f'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>{deep}</D:prop></D:set></D:propertyupdate>'
    assert ask("PROPPATCH", CALENDAR, body).status == 400
    query = f'<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:filter>{deep}</C:filter></C:calendar-query>'
    assert ask("REPORT", CALENDAR, query).status in (400, 403)
    assert ask("GET", CALENDAR + "none.ics").status == 404


def test_one_resource_that_a_reader_cannot_read_spoils_no_query(ask):
    ask(
        "PUT",
        CALENDAR + "odd.ics",
        event("odd", more="RECURRENCE-ID:20260105T100000Z\r\n").replace(
            b"END:VEVENT",
            b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:odd\r\nRECURRENCE-ID:20260106T100000Z\r\nDTSTART:20260106T100000Z\r\nEND:VEVENT",
        ),
    )
    ask("PUT", CALENDAR + "good.ics", event("good"))
    text = '<C:prop-filter name="SUMMARY"><C:text-match>m</C:text-match></C:prop-filter>'
    told = ask("REPORT", CALENDAR, in_range("20260101T000000Z", "20270101T000000Z", text))
    assert f"/dav{CALENDAR}good.ics" in hrefs(told)
    busy = (
        '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
        '<C:time-range start="20260101T000000Z" end="20260201T000000Z"/></C:free-busy-query>'
    )
    assert ask("REPORT", CALENDAR, busy).octets.count(b"FREEBUSY;") == 1


def test_infinite_depth_is_refused_and_options_tells_what_is_true(ask):
    assert ask("PROPFIND", "/", prop("D:getetag"), depth="infinity").status == 403
    told = ask("OPTIONS", "/").headers["DAV"].split(", ")
    assert {"calendar-access", "calendar-auto-schedule"} <= set(told)
    assert not {"2", "access-control"} & set(told)


def test_recurrences_are_expanded_and_free_busy_is_told(ask):
    ask("PUT", CALENDAR + "a.ics", event(more="RRULE:FREQ=DAILY\r\n"))
    query = in_range("20260106T000000Z", "20260109T000000Z").replace(
        "<D:getetag/>", '<C:calendar-data><C:expand start="20260106T000000Z" end="20260109T000000Z"/></C:calendar-data>'
    )
    assert ask("REPORT", CALENDAR, query).octets.count(b"BEGIN:VEVENT") == 3
    far = query.replace('C:expand start="20260106T000000Z" end="2026', 'C:expand start="20260106T000000Z" end="9026')
    assert ask("REPORT", CALENDAR, far).status == 403
    busy = (
        '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
        '<C:time-range start="20260106T000000Z" end="20260107T000000Z"/></C:free-busy-query>'
    )
    assert b"FREEBUSY" in ask("REPORT", CALENDAR, busy).octets


def test_names_of_all_kinds_are_listed_each_with_what_it_has(ask, store):
    for uid, name in (("a", "100%25.ics"), ("b", "ସଭା ଏକ.ics")):
        assert ask("PUT", CALENDAR + name, event(uid)).status == 201
    store.open(ME, ()).put(
        Put("calendar", "plain.ics", event(), facts(event(), horizon(clock.now())), schedule_tag='"1"')
    )
    wanted = prop("D:getetag", "D:getcontenttype", "D:resourcetype", "C:schedule-tag", "A:calendar-color")
    told = ElementTree.fromstring(ask("PROPFIND", CALENDAR, wanted, depth="1").octets)
    found = {}
    for each in told.findall("{DAV:}response")[1:]:
        stats = each.findall("{DAV:}propstat")
        found[each.findtext("{DAV:}href")] = [[prop.tag.rpartition("}")[2] for prop in stat[0]] for stat in stats]
    plain = ["getetag", "getcontenttype", "resourcetype"]
    lacking = [plain, ["calendar-color", "schedule-tag"]]
    above = f"/dav{CALENDAR}"
    assert found == {
        f"{above}100%2525.ics": lacking,
        f"{above}%E0%AC%B8%E0%AC%AD%E0%AC%BE%20%E0%AC%8F%E0%AC%95.ics": lacking,
        f"{above}plain.ics": [[*plain, "schedule-tag"], ["calendar-color"]],
    }
