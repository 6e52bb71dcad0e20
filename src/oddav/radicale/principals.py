"""Reports on principals: whom to invite, and what hrefs of a property lead to.  RFC 3744 9, RFC 3253 3.8"""

from collections.abc import Callable, Iterator
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from odcore.directory.model import Person, Post
from odcore.errors import Fault
from oddav.radicale import properties, proxies, xml
from oddav.radicale.answers import forbidden
from oddav.radicale.place import Place, read
from oddav.radicale.properties import Subject
from oddav.radicale.visit import Owner, Visit

SEARCH, SEARCHABLE, _ = REPORTS = tuple(map(xml.name, properties.PRINCIPAL_REPORTS))

_MOST = 100
_SHORTEST = 2
_DEEPEST = 3

Entry = Person | Post


def _names(entry: Entry) -> tuple[str, ...]:
    """In all languages, and the title."""
    own = (entry.name,) if isinstance(entry, Person) else (entry.cn,)
    return (*own, entry.title, *entry.names.values())


def _addresses(entry: Entry) -> tuple[str, ...]:
    return tuple(f"mailto:{address}" for address in entry.addresses)


_SEARCHED: dict[str, tuple[str, Callable[[Entry], tuple[str, ...]]]] = {
    xml.name("D:displayname"): ("Name or title", _names),
    xml.name("CS:email-address-set"): ("Address", lambda entry: entry.addresses),
    xml.name("C:calendar-user-address-set"): ("Address", _addresses),
}
_TOLD = frozenset(
    xml.name(each)
    for each in (
        "D:displayname",
        "D:resourcetype",
        "D:principal-URL",
        "D:resource-id",
        "C:calendar-user-address-set",
        "C:calendar-user-type",
        "CS:email-address-set",
    )
)
"""Of everybody. Where somebody's calendars are, only those learn whom they let in."""


def searchable() -> bytes:
    """RFC 3744 9.5"""
    told = [
        f"<D:principal-search-property><D:prop>{xml.element(clark)}</D:prop>"
        f'<D:description xml:lang="en">{text}</D:description></D:principal-search-property>'
        for clark, (text, _) in _SEARCHED.items()
    ]
    return xml.document("D:principal-search-property-set", told)


def search(visit: Visit, place: Place, request: Element) -> list[str]:
    """People and posts of the directory. All conditions have to hold, unless the request says `test="anyof"`."""
    tests = [_test(each) for each in request.findall(xml.name("D:property-search"))]
    if not tests:
        raise forbidden("D:supported-report")
    fits = any if request.get("test") == "anyof" else all
    found: dict[str, Entry] = {}
    for _, text in tests if fits is any else tests[:1]:
        found |= {each.id: each for each in visit.house.find(text, _MOST)} if len(text) >= _SHORTEST else {}
    wanted = xml.asked(request) or []
    entries = [each for each in found.values() if fits(_holds(tell(each), text) for tell, text in tests)]
    return [_stranger(visit, place, each, wanted) for each in entries[:_MOST]]


def _test(asked: Element) -> tuple[Callable[[Entry], tuple[str, ...]], str]:
    text = (asked.findtext("{DAV:}match") or "").strip()
    tells = [_SEARCHED[each.tag][1] for prop in asked.findall("{DAV:}prop") for each in prop if each.tag in _SEARCHED]
    return lambda entry: tuple(value for tell in tells for value in tell(entry)), text.removeprefix("mailto:")


def _holds(values: tuple[str, ...], text: str) -> bool:
    return any(text.casefold() in value.casefold() for value in values)


def _stranger(visit: Visit, place: Place, entry: Entry, wanted: list[str]) -> str:
    name, kind = (entry.title or entry.cn, entry.calendar_user) if isinstance(entry, Post) else (entry.name, "")
    owner = Owner(entry.id, name, entry.addresses, type=kind or "INDIVIDUAL")
    subject = Subject(visit, place.home(entry.id), owner)
    told = {clark: properties.value(subject, clark) if clark in _TOLD else None for clark in wanted}
    missing = [xml.element(clark) for clark, each in told.items() if each is None]
    return xml.response(subject.place.path, [each for each in told.values() if each is not None], missing)


def expand(visit: Visit, place: Place, request: Element, depth: int = 0) -> list[str]:
    """What hrefs of a property lead to, with the properties asked of that: one response within another."""
    found, missing = [], []
    for asked in request.findall(xml.name("D:property")):
        clark = f"{{{asked.get('namespace', 'DAV:')}}}{asked.get('name', '')}"
        told = _value(visit, place, clark)
        if told is None:
            missing.append(xml.element(clark))
        elif len(asked) == 0 or depth >= _DEEPEST:
            found.append(told)
        else:
            inner = [each for other in _led_to(told, place) for each in _expanded(visit, other, asked, depth)]
            found.append(xml.element(clark, "".join(inner)))
    return [xml.response(place.path, found, missing)]


def _expanded(visit: Visit, place: Place, asked: Element, depth: int) -> list[str]:
    try:
        return expand(visit, place, asked, depth + 1)
    except Fault:  # nobody whom this visit can see
        return []


def _led_to(told: str, place: Place) -> Iterator[Place]:
    spaces = " ".join(f'xmlns:{prefix}="{space}"' for space, prefix in xml.PREFIX.items())
    for href in ElementTree.fromstring(f"<r {spaces}>{told}</r>").iter("{DAV:}href"):  # noqa: S314 - our own
        path = unquote(href.text or "")
        if path.startswith(f"{place.prefix}/"):
            yield read(path.removeprefix(place.prefix), place.prefix)


def _value(visit: Visit, place: Place, clark: str) -> str | None:
    if place.collection in proxies.GROUPS:
        inner = proxies.properties(visit, place).get(clark)
        return None if inner is None else xml.element(clark, inner)
    if place.collection:
        raise forbidden("D:supported-report")
    return properties.value(Subject(visit, place, visit.owner(place.owner) if place.owner else None), clark)
