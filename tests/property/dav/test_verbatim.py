"""What is stored comes back to the octet; what is refused is refused by name, and neither takes long."""

import itertools
import time
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from odtest.calendars import Office

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
    yield made
    made.close()


def stored(office, collection, octets, kind):
    """Whether it was taken, and then comes back the same by both ways."""
    path = f"{collection}/{next(_NUMBERS)}"
    begun = time.process_time()
    put = office.ask("anna", "PUT", path, octets, content_type=kind)
    assert time.process_time() - begun < 3, path
    assert put.status in (201, 403, 409), (put.status, put.octets, octets[:300])
    if put.status != 201:
        assert b"<D:error" in put.octets
        return False
    got = office.ask("anna", "GET", path).octets
    space, prefix, data = _CARDS if "vcard" in kind else _EVENTS
    body = (
        f'<C:{prefix}-multiget xmlns:D="DAV:" xmlns:C="{space}"><D:prop><C:{data}/></D:prop>'
        f"<D:href>/dav/{office.ids['anna']}/{path}</D:href></C:{prefix}-multiget>"
    )
    told = ElementTree.fromstring(office.ask("anna", "REPORT", f"{collection}/", body, content_type="text/xml").octets)
    assert told.findtext(f".//{{{space}}}{data}").encode() == got
    if "ETag" in put.headers:  # RFC 4791 5.3.4: it is what was sent
        assert got == octets
    assert office.ask("anna", "DELETE", path, schedule_reply="F").status == 204
    return "ETag" in put.headers


@settings(max_examples=40)
@given(st.data())
def test_any_event_that_the_grammar_allows(office, data):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"UID:v-{next(_NUMBERS)}", "DTSTART:20260101T000000Z"]
    text = data.draw(written(head, ["END:VEVENT", "END:VCALENDAR"]))
    assert stored(office, "calendar", text.encode(), "text/calendar; charset=utf-8")


@settings(max_examples=40)
@given(st.data(), st.sampled_from(["3.0", "4.0"]))
def test_any_card_that_the_grammar_allows(office, data, version):
    head = ["BEGIN:VCARD", f"VERSION:{version}", f"UID:v-{next(_NUMBERS)}", "FN:Rasmi, Rout", "item1.N:Rout;Rasmi;;;"]
    text = data.draw(written(head, ["END:VCARD"]))
    assert stored(office, "contacts", text.encode(), "text/vcard; charset=utf-8")


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
    ],
)
def test_what_is_rare_and_legal(office, parts):
    octets = event(*parts, uid=f"c-{next(_NUMBERS)}")
    assert stored(office, "calendar", octets, "text/calendar; charset=utf-8")


def test_what_libraries_keep_as_hard_cases(office):
    """Of icalendar and recurring-ical-events: each is the same afterwards, or refused, as are files of many events."""
    found = [
        each
        for package, folder in (("icalendar", "tests"), ("recurring_ical_events", "test"))
        for each in sorted(Path(str(files(package))).joinpath(folder).rglob("*.ics"))
    ]
    taken = [each for each in found if stored(office, "calendar", each.read_bytes(), "text/calendar; charset=utf-8")]
    assert len(found) > 200
    assert len(taken) > 70
