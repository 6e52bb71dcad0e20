"""MKCALENDAR, MKCOL and PROPPATCH.  RFC 4791 5.3.1, RFC 5689, RFC 4918 9.2"""

from collections.abc import Callable
from http import HTTPStatus
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from odcore.errors import Fault, Kind
from oddav.calendar.facts import COMPONENTS, USUAL
from oddav.feeds.subscribing import SOURCE, Subscription
from oddav.radicale import hours, preferences, properties, timezones, xml
from oddav.radicale.answers import Answer, Condition, answer, forbidden, multistatus
from oddav.radicale.place import Place
from oddav.radicale.proxies import GROUPS
from oddav.radicale.visit import HOME, Owner, Visit
from oddav.scheduling.target import PROPERTY, chosen_name, holds
from oddav.store.model import Create, Notes, Right, SetProperties
from oddav.store.model import Kind as Holds
from oddav.store.store import Home

_TYPE = xml.name("D:resourcetype")
_PROTECTED = "<D:cannot-modify-protected-property/>"
_COMPONENTS = xml.name("C:supported-calendar-component-set")

_LOCATED = "C:calendar-collection-location-ok"

Given = dict[str, Element | None]
Born = Callable[[Home, str, dict[str, str]], object]
"""What makes the collection, under this name and with these properties."""


def make_calendar(visit: Visit, place: Place, request: Element | None) -> Answer:
    """MKCALENDAR."""
    return _calendar(visit, place, _given(request))


def make_collection(visit: Visit, place: Place, request: Element | None) -> Answer:
    """Extended MKCOL; a plain collection is nothing we have."""
    given = _given(request)
    told = given.pop(_TYPE, None)
    types = set() if told is None else {each.tag for each in told}
    if xml.name("CS:subscribed") in types:
        return _subscribed(visit, place, given)
    if xml.name("C:calendar") in types:
        return _calendar(visit, place, given)
    if xml.name("CR:addressbook") in types:
        return _make(visit, place, given, "CR:addressbook-collection-location-ok", _born(Holds.CONTACTS, "VCARD"))
    raise forbidden("D:valid-resourcetype")


def _calendar(visit: Visit, place: Place, given: Given) -> Answer:
    components = _components(given.pop(_COMPONENTS, None))
    return _make(visit, place, given, _LOCATED, _born(Holds.CALENDAR, components))


def _subscribed(visit: Visit, place: Place, given: Given) -> Answer:
    """As Apple's Calendar asks for one that lies elsewhere; we fetch it, and show it as a calendar to read."""
    told = given.pop(SOURCE, None)
    source = "" if told is None else (told.findtext("{DAV:}href") or "").strip()

    def born(home: Home, name: str, noted: dict[str, str]) -> None:
        facts = {"collection": name, "url": source}
        try:
            visit.house.subscribe(home, Subscription(source, noted, name))
        except Fault as fault:
            if fault.kind not in (Kind.DENIED, Kind.BAD_REQUEST):
                raise
            why = f"<D:responsedescription>{xml.text(fault.text)}</D:responsedescription>"
            raise Condition(HTTPStatus.FORBIDDEN, f"<D:valid-resourcetype/>{why}") from fault
        visit.house.record("calendar-subscribed", visit.principal.person.id, home.id, **facts)

    return _make(visit, place, given, _LOCATED, born)


def patch(visit: Visit, place: Place, request: Element | None, *, brief: bool) -> Answer:
    """All or nothing: 207 tells of each, unless all is well and nobody wants to hear that."""
    if place.is_resource or not place.owner:
        raise Fault(Kind.DENIED, "Only homes, calendars and address books have properties that can be set.")
    given = _given(request)
    protected = properties.PROTECTED if place.collection else properties.OF_HOMES
    refused = dict.fromkeys((name for name in given if name in protected), _PROTECTED)
    refused |= timezones.refused(given) | hours.refused(given)
    if not refused:
        _set(visit, place, given)
        if brief:
            return answer(HTTPStatus.OK, b"", **preferences.applied("minimal"))
    fine = HTTPStatus.FAILED_DEPENDENCY if refused else HTTPStatus.OK
    parts = [
        xml.propstat(HTTPStatus.FORBIDDEN if name in refused else fine, xml.element(name), refused.get(name, ""))
        for name in given
    ]
    return multistatus([f"<D:response>{xml.href(place.path)}{''.join(parts)}</D:response>"])


def _set(visit: Visit, place: Place, given: Given) -> None:
    """On what is somebody else's everybody has names and colours of their own, and so on homes."""
    told = timezones.settled({name: None if each is None else written(each) for name, each in given.items()})
    if not place.collection:
        visit.home(visit.own).note(Notes(visit.owner(place.owner).id, HOME, told))
        return
    owner, collection = visit.at(place.owner, place.collection)
    home = visit.home(owner)
    with home.view() as view:
        row = view.collection(collection)
    _check_default(visit, owner, given, place)
    if visit.right(owner, collection) is Right.OWN:
        home.set_properties(SetProperties(collection, told))
    else:
        visit.home(visit.own).note(Notes(owner.id, row.collection, told))


def _check_default(visit: Visit, owner: Owner, given: Given, place: Place) -> None:
    """The calendar chosen for invitations is one of the own, and for events.  RFC 6638 9.2"""
    told = given.get(PROPERTY)
    if told is None:
        return
    name = chosen_name(written(told))
    with visit.home(owner).view() as view:
        able = any(each.name == name and holds(each, "VEVENT") for each in view.collections())
        inbox = any(
            each.name == visit.at(place.owner, place.collection)[1]
            for each in view.collections()
            if each.kind == Holds.INBOX
        )
    if not able or not inbox:
        raise forbidden("C:valid-schedule-default-calendar-URL")


def written(element: Element) -> str:
    """The property as it came, whatever is in it."""
    element.tail = None
    return ElementTree.tostring(element, encoding="unicode")


def _born(kind: Holds, components: str) -> Born:
    return lambda home, name, noted: home.create(Create(name, kind, components, noted))


def _make(visit: Visit, place: Place, given: Given, located: str, born: Born) -> Answer:
    owner, collection = visit.at(place.owner, place.collection, Right.OWN)
    if place.is_resource or not collection or collection in GROUPS:
        raise forbidden(located)
    given.pop(_TYPE, None)
    if any(name in properties.PROTECTED for name in given):
        raise forbidden("D:cannot-modify-protected-property")
    for condition in timezones.refused(given).values():
        raise Condition(HTTPStatus.FORBIDDEN, condition)
    told = timezones.settled({name: written(each) for name, each in given.items() if each is not None})
    noted = {name: each for name, each in told.items() if each is not None}
    try:
        born(visit.home(owner), collection, noted)
    except Fault as fault:
        if fault.kind is Kind.EXISTS:
            raise Condition(HTTPStatus.METHOD_NOT_ALLOWED, "<D:resource-must-be-null/>") from fault
        raise
    return answer(HTTPStatus.CREATED)


def _components(told: Element | None) -> str:
    if told is None:
        return ",".join(USUAL)
    asked = [each.get("name", "").upper() for each in told]
    if not asked or any(each not in COMPONENTS for each in asked):
        raise forbidden("C:supported-calendar-component")
    return ",".join(each for each in COMPONENTS if each in asked)


def _given(request: Element | None) -> Given:
    """Set to an element, or removed; the last word counts."""
    given: Given = {}
    for change in () if request is None else request:
        for prop in change.findall("{DAV:}prop"):
            for each in prop:
                given[each.tag] = each if change.tag == xml.name("D:set") else None
    if len(given) > 200:
        raise Fault(Kind.LIMIT, "Too many properties at a time.")
    return given
