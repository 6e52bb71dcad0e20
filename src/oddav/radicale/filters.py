"""Which resources a query means.  RFC 4791 7.8, 9.7, RFC 6352 10.5

The range of time is answered by rows; beyond what was computed at arrival the rules are asked. What else a filter says
is looked up in the octets of what is left.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from xml.etree.ElementTree import Element

from odcore.errors import Fault
from oddav.calendar.facts import COMPONENTS, happenings, occurs
from oddav.calendar.zone import brought, named
from oddav.content import components
from oddav.radicale import cards, events, xml
from oddav.radicale.answers import forbidden
from oddav.radicale.narrowing import narrow_own
from oddav.search.index import Read
from oddav.store.model import Collection, Item, Kind, Range
from oddav.store.store import View
from oddav.trigrams.narrow import Narrow

_RANGE = xml.name("C:time-range")
_COMPONENT = xml.name("C:comp-filter")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Candidates = Callable[[Collection, list[Item], Read, Narrow | bool], list[Item]]
"""`oddav.search.index.Cards.candidates`, of one account."""


def zone(request: Element) -> tzinfo | None:
    """The one a query brings along. Conditions valid-calendar-data, valid-timezone.  RFC 4791 9.8, RFC 7809 7.3"""
    text, name = (request.findtext(xml.name(f"C:{each}")) for each in ("timezone", "timezone-id"))
    try:
        if name is not None:
            return named(name)
        return None if text is None else brought(text)
    except Fault as fault:
        raise forbidden("C:valid-timezone" if name is not None else "C:valid-calendar-data") from fault


def matching(
    view: View, collection: Collection, request: Element, zone: tzinfo, candidates: Candidates
) -> Iterator[Item]:
    """Conditions valid-filter, supported-filter, supported-collation."""
    if collection.kind == Kind.CONTACTS:
        return _cards(view, collection, request.find(xml.name("CR:filter")), candidates)
    asked = request.find(xml.name("C:filter"))
    if asked is None:
        raise forbidden("C:valid-filter")
    events.check(asked)
    return _objects(view, collection, asked, zone)


def _cards(view: View, collection: Collection, asked: Element | None, candidates: Candidates) -> Iterator[Item]:
    items = view.items(collection)
    if asked is None or len(asked) == 0:
        yield from items
        return
    items = candidates(collection, items, view.octets, narrow_own(asked))
    octets = view.octets(items)
    yield from (item for item in items if cards.fits(components(octets[item.item])[0], asked))


def _objects(view: View, collection: Collection, asked: Element, zone: tzinfo) -> Iterator[Item]:
    rest, found = _by_rows(view, collection, asked, zone)
    if not rest:
        yield from found
        return
    items = list(found)
    octets = view.octets(items)
    yield from (item for item in items if events.fits(octets[item.item], asked, zone))


def _by_rows(view: View, collection: Collection, asked: Element, zone: tzinfo) -> tuple[bool, Iterator[Item]]:
    """Whether the filter says more than rows can tell, and those that they leave."""
    outer = asked[0]
    if len(outer) == 0:
        return False, iter(view.items(collection))
    inner = outer[0]
    component, ranges = inner.get("name", "").upper(), inner.findall(_RANGE)
    if len(outer) > 1 or inner.tag != _COMPONENT or component not in COMPONENTS or len(ranges) > 1:
        return True, iter(view.items(collection))
    if inner.find(xml.name("C:is-not-defined")) is not None:
        return False, (item for item in view.items(collection) if item.component != component)
    more = len(inner) > len(ranges)
    if ranges:
        return more, _in_range(view, collection, Range(component, *events.span(ranges[0]), zone))
    return more, (item for item in view.items(collection) if item.component == component)


def _in_range(view: View, collection: Collection, wanted: Range) -> Iterator[Item]:
    pairs = list(view.in_range(collection, wanted))
    octets = view.octets(item for item, sure in pairs if not sure)
    return (item for item, sure in pairs if sure or _happens(octets[item.item], wanted))


def _happens(octets: bytes, wanted: Range) -> bool:
    """By its rules, later than its rows go. What would take too long to find out counts as yes: it has no end."""
    try:
        told = happenings(components(octets), _EPOCH + timedelta(seconds=wanted.until), wanted.zone)
    except Fault:
        return True
    return any(occurs(each.span, wanted.since, wanted.until) for each in told)
