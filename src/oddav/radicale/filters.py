"""Which resources a query means.  RFC 4791 9.7, RFC 6352 10.5

The range of time is answered by rows; beyond what was computed at arrival the rules are asked. Texts of calendars are
compared by Radicale's filters, on a reading of the octets that is thrown away.
"""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from radicale.app.report import test_filter
from radicale.item import Item as RadicaleItem

from odcore.errors import Fault
from oddav.calendar.facts import COMPONENTS, facts
from oddav.facts import FOREVER
from oddav.radicale import cards, xml
from oddav.radicale.answers import forbidden
from oddav.store.model import Collection, Item, Kind
from oddav.store.store import View

_RANGE = xml.name("C:time-range")
_COMPONENT = xml.name("C:comp-filter")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    """A time of a filter. Condition valid-filter."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise forbidden("C:valid-filter") from error


def matching(view: View, collection: Collection, request: Element) -> Iterator[Item]:
    """Condition valid-filter."""
    kind = Kind(collection.kind)
    asked = request.find(xml.name("CR:filter" if kind is Kind.CONTACTS else "C:filter"))
    if asked is None:
        if kind is not Kind.CONTACTS:
            raise forbidden("C:valid-filter")
        asked = Element("filter")
    rest, found = _by_rows(view, collection, asked)
    if rest is None:
        yield from found
        return
    items = list(found)
    octets = view.octets(items)
    yield from (item for item in items if _fits(kind, item, octets[item.item], rest))


def _by_rows(view: View, collection: Collection, asked: Element) -> tuple[Element | None, Iterator[Item]]:
    """What the rows can say, and the filter that is left; None where nothing is."""
    if len(asked) == 0:
        return None, iter(view.items(collection))
    outer = asked[0]
    inner = outer[0] if len(outer) == 1 else None
    if collection.kind == Kind.CONTACTS or inner is None or inner.tag != _COMPONENT:
        plain = collection.kind != Kind.CONTACTS and len(outer) == 0 and outer.get("name") == "VCALENDAR"
        return None if plain else asked, iter(view.items(collection))
    component, ranges = inner.get("name", "").upper(), inner.findall(_RANGE)
    if component not in COMPONENTS or len(ranges) > 1 or inner.find(xml.name("C:is-not-defined")) is not None:
        return asked, iter(view.items(collection))
    if ranges:
        found = _in_range(view, collection, component, ranges[0])
    else:
        found = (item for item in view.items(collection) if item.component == component)
    return (_without_range(asked) if len(inner) > len(ranges) else None), found


def _without_range(asked: Element) -> Element:
    left = copy.deepcopy(asked)
    inner = left[0][0]
    for each in inner.findall(_RANGE):
        inner.remove(each)
    return left


def _in_range(view: View, collection: Collection, component: str, told: Element) -> Iterator[Item]:
    start, end = told.get("start"), told.get("end")
    if start is None and end is None:
        raise forbidden("C:valid-filter")
    since = _seconds(start) if start else -FOREVER
    until = _seconds(end) if end else FOREVER
    pairs = list(view.in_range(collection, component, since, until))
    octets = view.octets(item for item, sure in pairs if not sure)
    return (item for item, sure in pairs if sure or _happens(octets[item.item], since, until))


def _seconds(text: str) -> int:
    return int((instant(text) - _EPOCH).total_seconds())


def _happens(octets: bytes, since: int, until: int) -> bool:
    """By its rules, later than its rows go. What would take too long to find out counts as yes: it has no end."""
    last = _EPOCH + timedelta(seconds=min(until, 1 << 37))
    try:
        spans = facts(octets, last).occurrences
    except Fault:
        return True
    return any(begins < until and (ends > since or begins == ends >= since) for begins, ends in spans)


def _fits(kind: Kind, item: Item, octets: bytes, asked: Element) -> bool:
    """What Radicale's reader cannot read is shown: one odd resource must not hide, nor spoil the others' report."""
    if kind is Kind.CONTACTS:
        return cards.fits(octets, asked)
    read = RadicaleItem(collection_path="a/b", href=item.href, text=octets.decode(), uid=item.uid)
    try:
        return bool(test_filter("VCALENDAR", read, asked))
    except Exception:  # noqa: BLE001 - whatever its parser raises
        return True
