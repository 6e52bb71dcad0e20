"""GET, PUT and DELETE of one resource: octets as they came, preconditions in the writing's own transaction.

RFC 4918 9, RFC 4791 5.3.2, RFC 6352 6.3.2, RFC 9110 13
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from odcore import clock
from odcore.errors import Fault, Kind
from oddav.calendar import facts as calendar
from oddav.contacts import facts as contacts
from oddav.facts import Facts
from oddav.itip.model import Unmet
from oddav.radicale import preferences, properties, xml
from oddav.radicale.answers import Answer, Condition, answer, forbidden
from oddav.radicale.place import Place
from oddav.radicale.visit import Owner, Visit
from oddav.scheduling.implicit import Elsewhere, Wishes
from oddav.scheduling.target import PROPERTY, chosen_name
from oddav.store.model import Collection, Item, Put, Remove, Right, Stored
from oddav.store.model import Kind as Holds
from oddav.store.store import Home

_PREFIX = {kind: "CR" if kind is Holds.CONTACTS else "C" for kind in Holds}
PASSES = (Holds.INBOX, Holds.OUTBOX)


def get(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """The octets. Fault NOT_FOUND."""
    owner, name = visit.at(place.owner, place.collection)
    with visit.home(owner).view() as view:
        item = _found(view.item(view.collection(name), place.href))
        octets = view.octets([item])[item.item]
    headers = {"ETag": item.etag, "Last_Modified": properties.date(item.modified)} | _tagged(item.schedule_tag)
    if any(each in (item.etag, "*") for each in etags(environ, "HTTP_IF_NONE_MATCH")):
        return answer(HTTPStatus.NOT_MODIFIED, None, **headers)
    return answer(
        HTTPStatus.OK,
        octets,
        **headers,
        Content_Type=properties.content_type(item.component),
        Content_Disposition="attachment",
    )


def put(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """The gateway has read the body whole and counted it."""
    octets = environ["wsgi.input"].read()
    owner, name = visit.at(place.owner, place.collection, Right.WRITE)
    collection = target(visit, owner, name)
    matches = etags(environ, "HTTP_IF_MATCH"), etags(environ, "HTTP_IF_NONE_MATCH")
    options = Put(name, place.href, octets, facts(collection, octets), *matches)
    whole = preferences.wants(environ, "representation")
    try:
        stored = store(visit, owner, collection, options, place, wishes(visit, environ))
    except Fault as fault:
        if fault.kind is not Kind.CONFLICT or not whole or not _is_there(visit, owner, name, place.href):
            raise
        return _represented(visit, place, HTTPStatus.PRECONDITION_FAILED)
    if whole:
        return _represented(visit, place, HTTPStatus.CREATED if stored.created else HTTPStatus.OK)
    status = HTTPStatus.CREATED if stored.created else HTTPStatus.NO_CONTENT
    told = {"ETag": stored.etag} if stored.verbatim else {}  # RFC 4791 5.3.4: no ETag of what was not sent
    return answer(status, None, **told, **_tagged(stored.schedule_tag))


def target(visit: Visit, owner: Owner, name: str) -> Collection:
    """Where something is put. Condition 409 for what is not there."""
    with visit.home(owner).view() as view:
        collection = next((each for each in view.collections() if each.name == name), None)
    if collection is None:
        raise Condition(HTTPStatus.CONFLICT, "<D:resource-must-be-null/>")
    if collection.kind in PASSES:
        raise Fault(Kind.DENIED, "Only the server puts messages there.")
    return collection


def store(visit: Visit, owner: Owner, collection: Collection, options: Put, place: Place, wishes: Wishes) -> Stored:
    """With what follows for those who are invited. Conditions by the names that their RFCs have."""
    home = visit.home(owner)
    with conditions(collection, place):
        if collection.kind == Holds.CALENDAR:
            return visit.scheduling.put(home, owner.user, options, wishes)
        return home.put(options)


def _is_there(visit: Visit, owner: Owner, name: str, href: str) -> bool:
    with visit.home(owner).view() as view:
        return view.item(view.collection(name), href) is not None


def _represented(visit: Visit, place: Place, status: HTTPStatus) -> Answer:
    """The resource as it is now.  RFC 8144 3"""
    _, headers, octets, _ = get(visit, place, {})
    told = {name: each for name, each in headers.items() if name != "Content-Disposition"}
    more = answer(status, octets, Content_Location=quote(place.path), **preferences.applied("representation"))
    return status, {**told, **more[1]}, octets, None


def delete(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """A resource, or a collection with all that is in it."""
    owner, name = visit.at(place.owner, place.collection, Right.WRITE if place.is_resource else Right.OWN)
    home = visit.home(owner)
    options = Remove(name, place.href, etags(environ, "HTTP_IF_MATCH"))
    if not place.is_resource:
        _check_unneeded(home, name)
        visit.scheduling.remove_collection(home, owner.user, name)
    elif not visit.scheduling.remove(home, owner.user, options, wishes(visit, environ)):
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return answer(HTTPStatus.NO_CONTENT)


def etags(environ: dict[str, Any], header: str) -> tuple[str, ...]:
    """Of If-Match or If-None-Match; weak ones fit nothing here."""
    return tuple(each.strip() for each in environ.get(header, "").split(",") if each.strip())


def _found(item: Item | None) -> Item:
    if item is None:
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return item


def facts(collection: Collection, octets: bytes) -> Facts:
    """Conditions of RFC 4791 5.3.2.1 and RFC 6352 6.3.2.1."""
    is_calendar = collection.kind == Holds.CALENDAR
    prefix = _PREFIX[Holds(collection.kind)]
    if len(octets) > properties.MOST_OCTETS:
        raise forbidden(f"{prefix}:max-resource-size")
    try:
        return calendar.facts(octets, calendar.horizon(clock.now())) if is_calendar else contacts.facts(octets)
    except Fault as fault:
        name = {Kind.LIMIT: "max-instances", Kind.UNSUPPORTED: "supported-address-data"}.get(
            fault.kind, "valid-calendar-data" if is_calendar else "valid-address-data"
        )
        told = f"<D:responsedescription>{xml.text(fault.text)}</D:responsedescription>"
        raise Condition(HTTPStatus.FORBIDDEN, f"<{prefix}:{name}/>{told}") from fault


@contextmanager
def conditions(collection: Collection, place: Place) -> Iterator[None]:
    """What was refused, by the name its RFC has for it.  RFC 6638 3.2.4"""
    try:
        yield
    except Fault as fault:
        raise _condition(fault, _PREFIX[Holds(collection.kind)], place) from fault
    except Unmet as unmet:
        raise forbidden(f"C:{unmet}") from unmet
    except Elsewhere as found:
        inner = xml.href(Place(place.prefix, place.owner, found.collection, found.href).path)
        name = "C:unique-scheduling-object-resource"
        raise Condition(HTTPStatus.CONFLICT, f"<{name}>{inner}</{name}>") from found


def wishes(visit: Visit, environ: dict[str, Any]) -> Wishes:
    """What a request says of scheduling, and for whom."""
    reply = environ.get("HTTP_SCHEDULE_REPLY", "T").strip().upper() != "F"
    person = next(iter(visit.principal.person.addresses), "")
    return Wishes(etags(environ, "HTTP_IF_SCHEDULE_TAG_MATCH"), reply, person, visit.actor, visit.held)


def _tagged(tag: str) -> dict[str, str]:
    return {"Schedule_Tag": tag} if tag else {}


def _check_unneeded(home: Home, name: str) -> None:
    """What invitations pass through stays, and so does the calendar chosen for them.  RFC 6638 4.3"""
    with home.view() as view:
        collection = view.collection(name)
        inbox = next((each for each in view.collections() if each.kind == Holds.INBOX), None)
        chosen = "" if inbox is None else chosen_name(view.properties(inbox).get(PROPERTY, ""))
    if collection.kind in PASSES:
        raise Fault(Kind.DENIED, "Invitations pass through it.")
    if chosen == name:
        raise forbidden("C:default-calendar-needed")


def _condition(fault: Fault, prefix: str, place: Place) -> Exception:
    """What the store refused, by the name its RFC has for it."""
    if fault.kind is Kind.EXISTS:
        other = Place(place.prefix, place.owner, place.collection, fault.text)
        inner = xml.href(other.path)
        return Condition(HTTPStatus.CONFLICT, f"<{prefix}:no-uid-conflict>{inner}</{prefix}:no-uid-conflict>")
    if fault.kind is Kind.UNSUPPORTED:
        name = "supported-calendar-component" if prefix == "C" else "supported-address-data"
        return forbidden(f"{prefix}:{name}")
    if fault.kind is Kind.OVER_QUOTA:
        return Condition(HTTPStatus.INSUFFICIENT_STORAGE, "<D:quota-not-exceeded/>")
    return fault
