"""What is stored comes back to the octet; what is refused is refused by name, and neither takes long."""

import itertools
import time
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from odtest.calendars import Office, calendar_of
from odtest.imported import objects

CORPUS = Path(__file__).parents[2] / "corpus/calendar"

_EVENTS = ("urn:ietf:params:xml:ns:caldav", "calendar", "calendar-data")
_CARDS = ("urn:ietf:params:xml:ns:carddav", "addressbook", "address-data")
_NUMBERS = itertools.count()
_LETTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff\u2028\u2029")
_NAME = st.from_regex(r"(X-)?[A-Z][A-Z0-9-]{0,12}", fullmatch=True)
_PLAIN = st.text(_LETTERS.filter(lambda each: each not in '";:,'), max_size=20)
_QUOTED = st.text(_LETTERS.filter(lambda each: each != '"'), max_size=20).map('"{}"'.format)
_PARAM = st.tuples(_NAME, st.lists(_PLAIN | _QUOTED, min_size=1, max_size=3))
_TEXT = st.text(_LETTERS, max_size=200) | st.sampled_from([r"a\,b\;c\nd\\e", "a,b;c", "ଓଡ଼ିଶା ସରକାର " * 12, ""])
_OURS = {"BEGIN", "END", "UID", "METHOD", "VERSION", "DTSTART", "DTEND", "DURATION", "DUE", "ORGANIZER", "ATTENDEE"}
_OURS |= {"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID", "TZID", "STATUS", "FN", "N"}


@st.composite
def lines(draw):
    """Of properties nobody knows, with all that the grammar allows.  RFC 5545 3.1, RFC 6350 3.3"""
    name = draw(_NAME.filter(lambda each: each not in _OURS))
    params = "".join(f";{key}={','.join(values)}" for key, values in draw(st.lists(_PARAM, max_size=3)))
    return f"{name}{params}:{draw(_TEXT)}"


@st.composite
def written(draw, head, tail):
    """Folded anywhere, with line ends of either kind."""
    end = draw(st.sampled_from(["\r\n", "\n"]))
    text = ""
    for each in [*head, *draw(st.lists(lines(), max_size=6)), *tail]:
        at = sorted(draw(st.sets(st.integers(1, max(len(each) - 1, 1)), max_size=3))) if len(each) > 2 else []
        parts = [each[a:b] for a, b in itertools.pairwise([0, *at, len(each)])]
        text += f"{end}{draw(st.sampled_from([' ', chr(9)]))}".join(parts) + end
    return text


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("verbatim"))
    assert made.ask("anna", "MKCALENDAR", "hours/", calendar_of("VAVAILABILITY")).status == 201
    yield made
    made.close()


def _collection(octets):
    names = {b"BEGIN:VCARD": "contacts", b"BEGIN:VTODO": "tasks", b"BEGIN:VJOURNAL": "notes"}
    names[b"BEGIN:VAVAILABILITY"] = "hours"
    return next((name for mark, name in names.items() if mark in octets), "calendar")


def refusal(office, collection, octets, kind, whole=None):
    """What is said against it; "" for what is taken, and then comes back the same by GET, and in XML unless `whole`."""
    path = f"{collection}/{next(_NUMBERS)}"
    begun = time.process_time()
    put = office.ask("anna", "PUT", path, octets, content_type=kind)
    assert time.process_time() - begun < 3, path
    assert put.status in (201, 403, 409), (put.status, put.octets, octets[:300])
    if put.status != 201:
        assert b"<D:error" in put.octets
        return ElementTree.fromstring(put.octets).findtext(".//{DAV:}responsedescription")
    got = office.ask("anna", "GET", path).octets
    space, prefix, data = _CARDS if "vcard" in kind else _EVENTS
    body = (
        f'<C:{prefix}-multiget xmlns:D="DAV:" xmlns:C="{space}"><D:prop><C:{data}/></D:prop>'
        f"<D:href>/dav/{office.ids['anna']}/{path}</D:href></C:{prefix}-multiget>"
    )
    told = ElementTree.fromstring(office.ask("anna", "REPORT", f"{collection}/", body, content_type="text/xml").octets)
    assert told.findtext(f".//{{{space}}}{data}").encode() == (whole or got)
    assert "ETag" in put.headers  # RFC 4791 5.3.4: it is what was sent
    assert got == octets
    assert office.ask("anna", "DELETE", path, schedule_reply="F").status == 204
    return ""


@settings(max_examples=40)
@given(st.data())
def test_any_event_that_the_grammar_allows(office, data):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"UID:v-{next(_NUMBERS)}", "DTSTART:20260101T000000Z"]
    text = data.draw(written(head, ["END:VEVENT", "END:VCALENDAR"]))
    assert not refusal(office, "calendar", text.encode(), "text/calendar; charset=utf-8")


@settings(max_examples=40)
@given(st.data(), st.sampled_from(["3.0", "4.0"]))
def test_any_card_that_the_grammar_allows(office, data, version):
    head = ["BEGIN:VCARD", f"VERSION:{version}", f"UID:v-{next(_NUMBERS)}", "FN:Rasmi, Rout", "item1.N:Rout;Rasmi;;;"]
    text = data.draw(written(head, ["END:VCARD"]))
    assert not refusal(office, "contacts", text.encode(), "text/vcard; charset=utf-8")


def event(*more, uid="c"):
    inner = ["BEGIN:VCALENDAR", "VERSION:2.0", *more, "END:VCALENDAR", ""]
    return "\r\n".join(inner).replace("{UID}", uid).encode()


_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Calcutta",
    "BEGIN:STANDARD",
    "DTSTART:18540628T000000",
    "TZOFFSETFROM:+055320",
    "TZOFFSETTO:+055328",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def of(*more):
    return ("BEGIN:VEVENT", "UID:{UID}", "DTSTAMP:20260101T000000Z", *more, "END:VEVENT")


@pytest.mark.parametrize(
    "parts",
    [
        (*_ZONE, *of("DTSTART;TZID=Calcutta:20260101T100000")),  # seconds in the offset
        of("DTSTART:20260101T100000Z", "RDATE;VALUE=PERIOD:20260102T100000Z/PT1H,20260103T100000Z/20260103T120000Z"),
        of("DTSTART:20260105T100000Z", "RECURRENCE-ID:20260105T090000Z"),  # without the series
        of("DTSTART:20260101T100000Z", "RRULE:FREQ=SECONDLY;COUNT=60"),
        of("DTSTART:99991231T235959Z"),
        of("DTSTART;VALUE=DATE:99991231"),
        of("DTSTART:20260101T100000Z", "RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z"),
        of("DTSTART:20260101T100000Z", "DESCRIPTION:" + "Item of work\\, and more. " * 42_000),  # 1 MiB
        of("DTSTART:20260101T100000Z", "DURATION:PT0S"),
        of("DTSTART:20260101T100000Z", "DTEND:20260101T090000Z"),
        of("DTSTART:20260228T235960Z"),  # a leap second
        of("DTSTART:00010101T000000Z"),
        of("DTSTART\r\n ;TZID=Asia/Kolkata\r\n :20260101T100000", "RRULE\r\n\t:FREQ=DAILY;COUNT=2"),  # folded at once
        of("DTSTART:20260101T100000Z", "RRULE:FREQ=DAILY;COUNT=1", "EXDATE:20260101T100000Z"),  # never
        of("DTSTART:20260101T100000Z", "DTEND:20260101T110000Z", "DURATION:PT15M"),
        of(
            "DTSTART:20260101T100000Z", "RRULE:FREQ=DAILY;UNTIL=20260131T000000Z", "EXRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=4"
        ),
        of("dtstart;value=date:20260101", "rrule:freq=yearly;byday=20mo", "Categories:A", "CATEGORIES: B"),
        of("DTSTART:20260101T100000Z", "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;WKST=SU"),
        of("DTSTART:20260101T100000Z", "RRULE:RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=OMIT"),
        of("DTSTART:20260101T100000Z", "BEGIN:X-OURS", "BEGIN:PARTICIPANT", "UID:p", "END:PARTICIPANT", "END:X-OURS"),
        of("DTSTART:20260101T100000Z", 'ATTENDEE;CN="A ^\'B^\'^n";MEMBER="mailto:a@y","mailto:b@y":urn:uuid:1'),
        of("DTSTART:20260101T100000Z", "ATTACH;ENCODING=BASE64;VALUE=BINARY:" + "AAECAwQF" * 40_000),
        of("DTSTART;TZID=/example.org/Asia/Kolkata:20260101T100000", "", "SUMMARY:", "DESCRIPTION;X-A=:"),
        (
            *of("DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY"),
            *of("DTSTART;VALUE=DATE:20260113", "RRULE:FREQ=WEEKLY", "RECURRENCE-ID;VALUE=DATE:20260112"),
        ),
    ],
)
def test_what_is_rare_and_legal(office, parts):
    octets = event(*parts, uid=f"c-{next(_NUMBERS)}")
    assert not refusal(office, "calendar", octets, "text/calendar; charset=utf-8")


@pytest.mark.parametrize("fold", ["\r\n ", "\n\t"])
def test_a_fold_may_cut_a_letter(office, fold):
    """RFC 5545 3.1: as programs do that count octets. XML, which holds letters only, has it whole."""
    letters = "ଓଡ଼ିଶା".encode()
    cut = fold.encode().join([letters[:1], letters[1:5], letters[5:]])
    whole = event(*of("DTSTART:20260101T100000Z", "SUMMARY:ଓଡ଼ିଶା"), uid="cut")
    octets = whole.replace(letters, cut)
    assert not refusal(office, "calendar", octets, "text/calendar; charset=utf-8", whole)
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:cut\r\nFN:" + letters + b"\r\nEND:VCARD\r\n"
    assert not refusal(office, "contacts", card.replace(letters, cut), "text/vcard", card)


def _hard_cases():
    """Of icalendar, recurring-ical-events and vobject, by file."""
    packages = (("icalendar", "tests"), ("recurring_ical_events", "test"))
    folders = [Path(str(files(package))).joinpath(folder) for package, folder in packages]
    for folder in (*folders, CORPUS / "vobject"):
        for path in sorted(folder.rglob("*.ics")):
            yield path.name, list(objects(path.read_bytes()))


def test_what_libraries_keep_as_hard_cases(office):
    """Each object of each file is the same afterwards, unless it is one of those that are known to break a rule."""
    known, refused, taken = {}, {}, 0
    for each in (CORPUS / "refused.tsv").read_text().splitlines()[1:]:
        name, why = each.split("\t")
        known.setdefault(name, set()).add(why)
    for name, found in _hard_cases():
        for octets in found:
            kind = "text/vcard" if octets.startswith(b"BEGIN:VCARD") else "text/calendar; charset=utf-8"
            why = refusal(office, _collection(octets), octets, kind)
            if why:
                refused.setdefault(name, set()).add(why)
            taken += not why
    assert {name: refused[name] for name in refused.keys() & known.keys()} == known
    assert taken >= 1029, {name: why for name, why in refused.items() if name not in known}
