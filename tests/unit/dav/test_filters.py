"""What a filter finds, and how much of it is sent.  RFC 4791 7.8, 9.6, 9.7, RFC 6352 8.6, 10.4, 10.5"""

from xml.etree import ElementTree

import pytest

from odtest.calendars import Office

C, CR = "{urn:ietf:params:xml:ns:caldav}", "{urn:ietf:params:xml:ns:carddav}"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav"'

REVIEW = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:review
DTSTAMP:20260101T000000Z
DTSTART;TZID=Asia/Kolkata:20260105T100000
DTEND;TZID=Asia/Kolkata:20260105T110000
RRULE:FREQ=DAILY;COUNT=4
EXDATE;TZID=Asia/Kolkata:20260106T100000
SUMMARY:Réview\\, weekly
CATEGORIES:Office,Roads
X-NOTE;LANGUAGE=or:ସଡକ
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
REPEAT:1
DURATION:PT5M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:review
RECURRENCE-ID;TZID=Asia/Kolkata:20260107T100000
DTSTAMP:20260101T000000Z
DTSTART;TZID=Asia/Kolkata:20260107T150000
DTEND;TZID=Asia/Kolkata:20260107T160000
SUMMARY:Moved
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
HOLIDAY = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:holiday
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260126
RRULE:FREQ=YEARLY
SUMMARY:Republic Day
STATUS:CONFIRMED
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
CARDS = {
    "a": "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:a\r\nFN:Sasmita Nayak\r\nEMAIL;TYPE=work:s@x\r\nEND:VCARD\r\n",
    "b": "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:b\r\nFN:STRASSE\\, Ode\r\nTEL;TYPE=home:1\r\nEND:VCARD\r\n",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = Office(tmp_path_factory.mktemp("office"))
    for name, octets in (("review", REVIEW), ("holiday", HOLIDAY)):
        assert made.ask("anna", "PUT", f"calendar/{name}.ics", octets).status == 201
    for name, octets in CARDS.items():
        assert made.ask("anna", "PUT", f"contacts/{name}.vcf", octets).status == 201
    yield made
    made.close()


def names(told):
    assert told.status == 207, told.octets
    hrefs = [each.text for each in ElementTree.fromstring(told.octets).findall("{DAV:}response/{DAV:}href")]
    return {each.rpartition("/")[2].partition(".")[0] for each in hrefs}


def query(office, inner, data="<D:getetag/>"):
    body = (
        f'<C:calendar-query {SPACES}><D:prop>{data}</D:prop><C:filter><C:comp-filter name="VCALENDAR">{inner}'
        "</C:comp-filter></C:filter></C:calendar-query>"
    )
    return office.ask("anna", "REPORT", "calendar/", body)


def events(inner):
    return f'<C:comp-filter name="VEVENT">{inner}</C:comp-filter>'


def text(name, value, more=""):
    return f'<C:prop-filter name="{name}"><C:text-match {more}>{value}</C:text-match></C:prop-filter>'


OCTET, UNICODE = 'collation="i;octet"', 'collation="i;unicode-casemap"'


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        (events(text("SUMMARY", "WEEKLY")), {"review"}),
        (events(text("SUMMARY", "WEEKLY", OCTET)), set()),
        (events(text("SUMMARY", ", weekly")), {"review"}),
        (events(text("SUMMARY", "RÉVIEW")), set()),
        (events(text("SUMMARY", "RÉVIEW", UNICODE)), {"review"}),
        (events(text("SUMMARY", "republic day", 'match-type="equals"')), {"holiday"}),
        (events(text("SUMMARY", "day", 'match-type="starts-with"')), set()),
        (events(text("STATUS", "confirmed", 'negate-condition="yes"')), set()),
        (events('<C:prop-filter name="STATUS"><C:is-not-defined/></C:prop-filter>'), {"review"}),
        (events('<C:prop-filter name="STATUS"/>'), {"holiday"}),
        (
            events(
                '<C:prop-filter name="X-NOTE"><C:text-match>ସଡକ</C:text-match><C:param-filter name="LANGUAGE">'
                "<C:text-match>OR</C:text-match></C:param-filter></C:prop-filter>"
            ),
            {"review"},
        ),
        (
            events(
                '<C:prop-filter name="X-NOTE"><C:param-filter name="LANGUAGE"><C:is-not-defined/></C:param-filter>'
                "</C:prop-filter>"
            ),
            set(),
        ),
        (
            events(
                '<C:prop-filter name="DTSTART"><C:time-range start="20260125T183000Z" end="20260125T183001Z"/>'
                "</C:prop-filter>"
            ),
            {"holiday"},
        ),
        (
            events('<C:time-range start="20260107T090000Z" end="20260107T100000Z"/>' + text("SUMMARY", "moved")),
            {"review"},
        ),
        (events('<C:time-range start="20260105T000000Z" end="20260106T000000Z"/>' + text("SUMMARY", "moved")), set()),
        (events('<C:time-range start="20260106T000000Z" end="20260107T000000Z"/>'), set()),
        (
            events(
                '<C:comp-filter name="VALARM"><C:time-range start="20260105T041900Z" end="20260105T042100Z"/>'
                "</C:comp-filter>"
            ),
            {"review"},
        ),
        (events('<C:comp-filter name="VALARM"><C:is-not-defined/></C:comp-filter>'), {"holiday", "review"}),
        ('<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>', {"holiday", "review"}),
        ('<C:comp-filter name="VEVENT"><C:is-not-defined/></C:comp-filter>', set()),
        ('<C:prop-filter name="VERSION"/>', {"holiday", "review"}),
    ],
)
def test_a_calendar_filter_finds(office, inner, found):
    assert names(query(office, inner)) == found


@pytest.mark.parametrize(
    ("inner", "condition"),
    [
        (events(text("SUMMARY", "x", 'collation="i;klingon"')), b"supported-collation"),
        (events(text("SUMMARY", "x", 'match-type="rhymes"')), b"supported-filter"),
        (events("<C:moon-filter/>"), b"supported-filter"),
        (events('<C:time-range start="soon"/>'), b"valid-filter"),
        (events("<C:time-range/>"), b"valid-filter"),
    ],
)
def test_a_filter_that_is_none_is_told_why(office, inner, condition):
    told = query(office, inner)
    assert (told.status, condition in told.octets) == (403, True), told.octets


def data(told, name):
    found = ElementTree.fromstring(told.octets).findall("{DAV:}response")
    texts = {each.findtext("{DAV:}href"): each.findtext(f".//{name}") for each in found}
    return {href.rpartition("/")[2].partition(".")[0]: text.replace("\r\n", "\n") for href, text in texts.items()}


IN_RANGE = events('<C:time-range start="20260101T000000Z" end="20260201T000000Z"/>')


def test_a_series_is_expanded_in_utc_with_its_exceptions_and_days_stay_days(office):
    expand = '<C:calendar-data><C:expand start="20260101T000000Z" end="20260201T000000Z"/></C:calendar-data>'
    told = data(query(office, IN_RANGE, expand), f"{C}calendar-data")
    review = told["review"]
    assert review.count("BEGIN:VEVENT") == 3
    for start in ("DTSTART:20260105T043000Z", "DTSTART:20260107T093000Z", "DTSTART:20260108T043000Z"):
        assert start in review
    assert "RECURRENCE-ID:20260107T043000Z" in review
    assert "RECURRENCE-ID:20260108T043000Z" in review
    assert "DTEND:20260108T053000Z" in review
    assert not any(each in review for each in ("RRULE", "EXDATE", "TZID", "VTIMEZONE"))
    assert "RECURRENCE-ID;VALUE=DATE:20260126\n" in told["holiday"]
    assert "DTSTART;VALUE=DATE:20260126\n" in told["holiday"]


def test_exceptions_outside_of_the_range_may_be_left_out(office):
    limit = '<C:calendar-data><C:limit-recurrence-set start="{}" end="{}"/></C:calendar-data>'
    for start, end, parts in (
        ("20260105T000000Z", "20260106T000000Z", 1),
        ("20260107T040000Z", "20260107T050000Z", 2),
        ("20260107T090000Z", "20260107T100000Z", 2),
    ):
        told = data(query(office, events(""), limit.format(start, end)), f"{C}calendar-data")
        assert told["review"].count("BEGIN:VEVENT") == parts


def test_only_what_was_asked_for_of_an_object_is_sent(office):
    asked = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT"><C:prop name="UID"/>'
        '<C:prop name="SUMMARY" novalue="yes"/></C:comp></C:comp></C:calendar-data>'
    )
    told = data(query(office, events(text("STATUS", "CONFIRMED")), asked), f"{C}calendar-data")
    lines = "BEGIN:VCALENDAR,VERSION:2.0,BEGIN:VEVENT,UID:holiday,SUMMARY:,END:VEVENT,END:VCALENDAR,"
    assert told == {"holiday": lines.replace(",", "\n")}
    refused = query(office, IN_RANGE, '<C:calendar-data version="9"/>')
    assert (refused.status, b"supported-calendar-data" in refused.octets) == (403, True)


def cards(office, inner, data="<D:getetag/>", test="anyof"):
    body = (
        f'<CR:addressbook-query {SPACES}><D:prop>{data}</D:prop><CR:filter test="{test}">{inner}</CR:filter>'
        "</CR:addressbook-query>"
    )
    return office.ask("anna", "REPORT", "contacts/", body)


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ('<CR:prop-filter name="FN"><CR:text-match>straße</CR:text-match></CR:prop-filter>', {"b"}),
        ('<CR:prop-filter name="FN"><CR:text-match>straße, ode</CR:text-match></CR:prop-filter>', {"b"}),
        (f'<CR:prop-filter name="FN"><CR:text-match {OCTET}>nayak</CR:text-match></CR:prop-filter>', set()),
        (
            '<CR:prop-filter name="FN"><CR:text-match match-type="ends-with" negate-condition="yes">nayak'
            "</CR:text-match></CR:prop-filter>",
            {"b"},
        ),
        ('<CR:prop-filter name="TEL"><CR:is-not-defined/></CR:prop-filter>', {"a"}),
        (
            '<CR:prop-filter name="EMAIL"><CR:param-filter name="TYPE"><CR:text-match>WORK</CR:text-match>'
            "</CR:param-filter></CR:prop-filter>",
            {"a"},
        ),
    ],
)
def test_a_filter_of_cards_finds(office, inner, found):
    assert names(cards(office, inner)) == found


def test_a_card_may_be_sent_in_part(office):
    asked = '<CR:address-data><CR:prop name="FN"/></CR:address-data>'
    told = data(cards(office, '<CR:prop-filter name="EMAIL"/>', asked), f"{CR}address-data")
    assert told == {"a": "BEGIN:VCARD\nFN:Sasmita Nayak\nEND:VCARD\n"}
