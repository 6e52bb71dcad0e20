"""PROPFIND: from rows, never from octets.  RFC 4918 9.1"""

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from odcore.errors import Fault
from odcore.errors import Kind as Failed
from oddav.radicale import properties, proxies, xml
from oddav.radicale.answers import forbidden
from oddav.radicale.listing import Listing
from oddav.radicale.place import Place
from oddav.radicale.properties import Subject
from oddav.radicale.visit import HOME, MARK, Owner, Visit
from oddav.scheduling import target
from oddav.store.model import Collection, Kind, Right
from oddav.store.store import View

_NAME = xml.name("D:displayname")
_EXPENSIVE = frozenset({xml.name("D:supported-report-set"), xml.name("CS:invite"), *properties.QUOTA})
"""Left out where all is asked for: whoever wants it names it."""


def responses(visit: Visit, place: Place, depth: str, request: Element | None) -> Iterator[str]:
    """Of the resource, and with depth 1 of its members. Fault NOT_FOUND; condition propfind-finite-depth."""
    if depth not in ("", "0", "1"):
        raise forbidden("D:propfind-finite-depth")
    wanted, named = _wanted(request)
    deep = depth == "1"
    if not place.owner:
        yield _one(Subject(visit, place), wanted, named)
        for each in (*visit.owners, *visit.guests) if deep else ():
            yield _one(home(visit, place.home(each)), wanted, named)
    elif not place.collection:
        yield from _home_responses(visit, place, deep, wanted, named)
    elif place.collection in proxies.GROUPS and not place.is_resource:
        yield _group(place, proxies.properties(visit, place), wanted, named)
    else:
        yield from _collection_responses(visit, place, deep, wanted, named)


def _wanted(request: Element | None) -> tuple[list[str] | None, bool]:
    """The properties, None for all; and whether only their names are asked for."""
    wanted = xml.asked(request)
    if wanted is not None and len(wanted) > 500:
        raise Fault(Failed.LIMIT, "Too many properties at a time.")
    return wanted, request is not None and request.find("{DAV:}propname") is not None


def home(visit: Visit, place: Place) -> Subject:
    """Fault NOT_FOUND."""
    owner = visit.owner(place.owner)
    return Subject(visit, place, owner, dead=visit.notes.get((owner.id, HOME), {}))


def _home_responses(visit: Visit, place: Place, deep: bool, wanted: list[str] | None, named: bool) -> Iterator[str]:
    subject = home(visit, place)
    yield _one(subject, wanted, named)
    yield from (_one(each, wanted, named) for each in (members(visit, subject) if deep else ()))


def members(visit: Visit, subject: Subject) -> Iterator[Subject]:
    """What is in a home: the own collections, and those of others that are shown beside them."""
    place = subject.place
    for owner in _shown(visit, subject):
        before = "" if owner is subject.owner else f"{owner.id}{MARK}"
        with visit.home(owner).view() as view:
            told = [
                _subject(visit, owner, place.below(f"{before}{each.name}/"), each, view)
                for each in view.collections()
                if visit.right(owner, each.name) >= Right.READ
            ]
        yield from (each for each in told if owner is subject.owner or not _passes(each))


def one(subject: Subject, wanted: list[str]) -> str:
    """These properties of a home or a collection."""
    return _one(subject, wanted, named=False)


def _passes(subject: Subject) -> bool:
    """Inbox and outbox are in their owner's home only: there is one of each in a home."""
    return subject.collection is not None and subject.collection.kind in (Kind.INBOX, Kind.OUTBOX)


def _shown(visit: Visit, home: Subject) -> Iterator[Owner]:
    """Whose collections are in a home."""
    if home.owner is not None:
        yield home.owner
    if home.owner is visit.own:
        yield from visit.others


def _collection_responses(
    visit: Visit, place: Place, deep: bool, wanted: list[str] | None, named: bool
) -> Iterator[str]:
    owner, name = visit.at(place.owner, place.collection)
    with visit.home(owner).view() as view:
        collection = view.collection(name)
        if place.is_resource:
            found = view.item(collection, place.href)
            items = [] if found is None else [found]
        else:
            items = view.items(collection) if deep else []
        subject = _subject(visit, owner, place, collection, view)
    if place.is_resource and not items:
        raise Fault(Failed.NOT_FOUND, "There is nothing here.")
    if not place.is_resource:
        yield _one(subject, wanted, named)
    above = Place(place.prefix, place.owner, place.collection)
    if named:
        yield from (xml.response(above.path + each.href, map(xml.element, properties.item_names())) for each in items)
    elif items:
        yield from map(Listing(above, properties.item_names() if wanted is None else wanted).response, items)


def _subject(visit: Visit, owner: Owner, place: Place, collection: Collection, view: View) -> Subject:
    told = _dead(visit, owner, collection, view)
    if collection.kind == Kind.INBOX:
        told = {target.PROPERTY: _default(view, place, owner)} | told
    return Subject(visit, place, owner, collection, told)


def _dead(visit: Visit, owner: Owner, collection: Collection, view: View) -> dict[str, str]:
    """What apps noted; a guest's own word comes before the owner's."""
    told = view.properties(collection)
    if owner.id in visit.owners:
        return told
    if not owner.post and (name := told.get(_NAME)):
        text = f"{owner.name}: {ElementTree.fromstring(name).text or ''}"  # noqa: S314 - written by ourselves
        told[_NAME] = xml.element(_NAME, xml.text(text))
    return told | visit.notes.get((owner.id, collection.collection), {})


def _group(place: Place, told: dict[str, str], wanted: list[str] | None, named: bool) -> str:
    if named:
        return xml.response(place.path, map(xml.element, told))
    asked = list(told) if wanted is None else wanted
    found = [xml.element(clark, told[clark]) for clark in asked if clark in told]
    return xml.response(place.path, found, [xml.element(clark) for clark in asked if clark not in told])


def _default(view: View, place: Place, owner: Owner) -> str:
    """Where invitations go when nothing else was chosen."""
    name = next((each.name for each in view.collections() if target.holds(each, "VEVENT")), "")
    return xml.element(target.PROPERTY, xml.href(place.home(owner.id).below(f"{name}/").path) if name else "")


def _one(subject: Subject, wanted: list[str] | None, named: bool) -> str:
    if named:
        return xml.response(subject.place.path, map(xml.element, properties.names(subject)))
    if wanted is None:
        wanted = [clark for clark in properties.names(subject) if clark not in _EXPENSIVE]
    told = {clark: properties.value(subject, clark) for clark in wanted}
    missing = [xml.element(clark) for clark, each in told.items() if each is None]
    return xml.response(subject.place.path, [each for each in told.values() if each is not None], missing)
