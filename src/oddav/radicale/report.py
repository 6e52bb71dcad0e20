"""REPORT: synchronizing, fetching many, and queries whose range of time the rows answer.  RFC 6578, 4791 7, 6352 8"""

from functools import partial
from http import HTTPStatus
from xml.etree.ElementTree import Element

from odcore.errors import Fault, Kind
from oddav import content
from oddav.itip.model import Unmet
from oddav.radicale import data, events, filters, homesync, matches, xml
from oddav.radicale.answers import Condition, forbidden
from oddav.radicale.listing import Listing
from oddav.radicale.place import Place, pointed
from oddav.radicale.visit import Visit
from oddav.scheduling import freebusy
from oddav.store.model import Collection, Item, Right
from oddav.store.model import Kind as Holds
from oddav.store.store import View

_DATA = {
    Holds.CALENDAR: xml.name("C:calendar-data"),
    Holds.CONTACTS: xml.name("CR:address-data"),
    Holds.INBOX: xml.name("C:calendar-data"),
    Holds.OUTBOX: xml.name("C:calendar-data"),
}
_OWN = {
    Holds.CALENDAR: {xml.name("C:calendar-query"), xml.name("C:calendar-multiget"), xml.name("D:sync-collection")},
    Holds.CONTACTS: {
        xml.name("CR:addressbook-query"),
        xml.name("CR:addressbook-multiget"),
        xml.name("D:sync-collection"),
    },
    Holds.INBOX: {xml.name("C:calendar-query"), xml.name("C:calendar-multiget"), xml.name("D:sync-collection")},
    Holds.OUTBOX: set(),
}
FREE_BUSY = xml.name("C:free-busy-query")
_MOST_NAMES = 10_000
_ALL = 1 << 30


def free_busy(visit: Visit, place: Place, request: Element) -> bytes:
    """Of one calendar.  RFC 4791 7.10"""
    owner, name = visit.at(place.owner, place.collection, Right.FREE_BUSY)
    told = request.find(xml.name("C:time-range"))
    if told is None or place.is_resource:
        raise forbidden("C:valid-filter")
    since, until = (events.time(told.get(each, "")) for each in ("start", "end"))
    with visit.home(owner).view() as view:
        collection = view.collection(name)
        if collection.kind != Holds.CALENDAR:
            raise forbidden("D:supported-report")
        try:
            return freebusy.report(view, collection, owner.user.mine, since, until)
        except Unmet as unmet:
            raise forbidden(f"C:{unmet}") from unmet


def responses(visit: Visit, place: Place, request: Element, host: str) -> list[str]:
    """Fault NOT_FOUND; conditions supported-report, valid-sync-token, valid-filter."""
    if not place.collection:
        visit.owner(place.owner or visit.own.id)
        if place.owner and request.tag == xml.name("D:sync-collection"):
            return homesync.sync(visit, place, request)
        raise forbidden("D:supported-report")
    owner, name = visit.at(place.owner, place.collection)
    with visit.home(owner).view() as view:
        collection = view.collection(name)
        if place.is_resource or request.tag not in _OWN[Holds(collection.kind)]:
            raise forbidden("D:supported-report")
        report = _Report(view, collection, place, request)
        if request.tag == xml.name("D:sync-collection"):
            return report.sync()
        if request.tag.endswith("multiget"):
            return report.multiget(host)
        return report.query(partial(visit.house.cards.candidates, owner.id))


class _Report:
    """One report on one collection, of one moment."""

    def __init__(self, view: View, collection: Collection, place: Place, request: Element) -> None:
        self._view = view
        self._collection = collection
        self._place = place
        self._request = request
        self._wanted = xml.asked(request) or []
        self._data = _DATA[Holds(collection.kind)]
        self._zone = filters.zone(request) or view.zone(collection)
        self._read = data.reading(request.find(f"{{DAV:}}prop/{self._data}"), self._zone)

    def sync(self) -> list[str]:
        """The changes since the token; a part of them and 507 where the client set a limit."""
        token = (self._request.findtext("{DAV:}sync-token") or "").strip()
        try:
            changes = self._view.changes(self._collection, token, matches.limit(self._request, _ALL))
        except Fault as fault:
            if fault.kind is not Kind.BAD_REQUEST:
                raise
            raise self._stale() from fault
        found = self._items(changes.changed)
        found += [xml.status(self._place.path + href, HTTPStatus.NOT_FOUND) for href in changes.gone]
        if changes.more:
            found.append(matches.cut(self._place))
        return [*found, xml.element(xml.name("D:sync-token"), changes.token)]

    def multiget(self, host: str) -> list[str]:
        """Each href that was asked for, with 404 for what is not there."""
        asked = [each.text or "" for each in self._request.findall("{DAV:}href")]
        if len(asked) > _MOST_NAMES:
            raise forbidden("D:number-of-matches-within-limits")
        places = {text: self._pointed(text, host) for text in asked}
        found = self._view.named(self._collection, [place.href for place in places.values() if place])
        there = {item.href for item in found}
        gone = [text for text, place in places.items() if place is None or place.href not in there]
        return self._items(found) + [matches.missing(text) for text in gone]

    def query(self, candidates: filters.Candidates) -> list[str]:
        """By range from rows; what else the filter says from the octets of what is left."""
        found = list(filters.matching(self._view, self._collection, self._request, self._zone, candidates))
        limit = matches.limit(self._request, _ALL)
        cut = [matches.cut(self._place)] if len(found) > limit else []
        return self._items(found[:limit]) + cut

    def _items(self, items: list[Item]) -> list[str]:
        octets = self._view.octets(items) if self._data in self._wanted else {}
        more = {self._data: lambda item: xml.text(content.text(self._read(octets[item.item])))}
        return list(map(Listing(self._place, self._wanted, more).response, items))

    def _pointed(self, text: str, host: str) -> Place | None:
        try:
            place = pointed(text, self._place.prefix, host)
        except (Fault, Condition, ValueError):
            return None
        same = (place.owner, place.collection) == (self._place.owner, self._place.collection)
        return place if same and place.is_resource else None

    def _stale(self) -> Condition:
        """Apps for contacts begin anew at 400 and give up at 403."""
        contacts = self._collection.kind == Holds.CONTACTS
        return Condition(HTTPStatus.BAD_REQUEST if contacts else HTTPStatus.FORBIDDEN, "<D:valid-sync-token/>")
