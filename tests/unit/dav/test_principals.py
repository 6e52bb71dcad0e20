"""Reports on principals: whom to invite, and what hrefs lead to."""

from xml.etree import ElementTree

import pytest

from odcore.sharing.api import COLLECTIONS, Delegation, Power
from odtest.calendars import Office

NAMES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
PROPS = "<D:prop><D:displayname/><C:calendar-user-address-set/><C:calendar-home-set/></D:prop>"


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.close()


def find(office, *wanted, test="", path=""):
    searches = "".join(
        f"<D:property-search><D:prop><{prop}/></D:prop><D:match>{text}</D:match></D:property-search>"
        for prop, text in wanted
    )
    body = f"<D:principal-property-search {NAMES} {test}>{searches}{PROPS}</D:principal-property-search>"
    answer = office.ask("chitra", "REPORT", path, body, depth="0")
    assert answer.status == 207, answer.octets
    return list(ElementTree.fromstring(answer.octets))


def shown(found):
    return sorted(each.findtext(".//{DAV:}displayname") for each in found)


def test_a_part_of_a_name_finds_people_posts_and_rooms_with_their_addresses(office):
    (found,) = find(office, ("D:displayname", "IBHU"))
    assert found.findtext("{DAV:}href") == f"/dav/{office.ids['bibhuti']}/"
    assert "mailto:bibhuti@x" in [each.text for each in found.iter("{DAV:}href")]
    assert shown(find(office, ("D:displayname", "the "), path="../")) == ["The Desk", "The Hall"]


def test_where_somebodys_calendars_are_is_not_told(office):
    (found,) = find(office, ("CS:email-address-set", "anna@"))
    missing = found.findall("{DAV:}propstat")[1]
    assert "404" in missing.findtext("{DAV:}status")
    assert missing.find(".//{urn:ietf:params:xml:ns:caldav}calendar-home-set") is not None


def test_all_conditions_have_to_hold_unless_one_is_enough(office):
    both = (("D:displayname", "anna"), ("C:calendar-user-address-set", "mailto:dipti"))
    assert find(office, *both) == []
    assert shown(find(office, *both, test='test="anyof"')) == ["Anna", "Dipti"]
    assert find(office, ("D:displayname", "a")) == []


def test_what_can_be_searched_is_told(office):
    answer = office.ask("chitra", "REPORT", "", f"<D:principal-search-property-set {NAMES}/>")
    told = ElementTree.fromstring(answer.octets)
    assert (answer.status, told.tag) == (200, "{DAV:}principal-search-property-set")
    assert told.find(".//{DAV:}displayname") is not None


def test_expand_property_reads_whose_calendars_a_secretary_looks_after(office):
    """As Apple's Calendar asks at its start."""
    office.store.open(office.ids["bibhuti"], office.carrier._users.account(office.ids["bibhuti"]).first)
    given = Delegation(office.ids["bibhuti"], office.ids["chitra"], frozenset({Power.WRITE}))
    office.register.delegate(COLLECTIONS, given, 2)
    inner = '<D:property name="displayname"/><D:property name="principal-URL"/><D:property name="nonsense"/>'
    body = (
        f'<D:expand-property {NAMES}><D:property name="calendar-proxy-write-for" namespace="http://calendarserver.org/ns/">'
        f'{inner}</D:property><D:property name="calendar-proxy-read-for" namespace="http://calendarserver.org/ns/">'
        f"{inner}</D:property></D:expand-property>"
    )
    answer = office.ask("chitra", "REPORT", "", body)
    assert answer.status == 207, answer.octets
    told = ElementTree.fromstring(answer.octets)
    space = "{http://calendarserver.org/ns/}"
    (other,) = told.findall(f".//{space}calendar-proxy-write-for/{{DAV:}}response")
    assert other.findtext("{DAV:}href") == f"/dav/{office.ids['bibhuti']}/"
    assert other.findtext(".//{DAV:}displayname") == "Bibhuti"
    assert told.find(f".//{space}calendar-proxy-read-for/{{DAV:}}response") is None
