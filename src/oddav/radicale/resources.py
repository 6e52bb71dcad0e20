"""GET, PUT, DELETE and MOVE of one resource: octets as they came, preconditions in the writing's own transaction.

RFC 4918 9, RFC 4791 5.3.2, RFC 6352 6.3.2, RFC 9110 13
"""

from http import HTTPStatus
from typing import Any

from odcore import clock
from odcore.errors import Fault, Kind
from oddav.calendar import facts as calendar
from oddav.contacts import facts as contacts
from oddav.facts import Facts
from oddav.radicale import properties, xml
from oddav.radicale.answers import Answer, Condition, answer, forbidden
from oddav.radicale.place import Place, pointed
from oddav.radicale.visit import Visit
from oddav.store.model import Collection, Item, Move, Put, Remove
from oddav.store.model import Kind as Holds

_PREFIX = {Holds.CALENDAR: "C", Holds.CONTACTS: "CR"}


def get(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """The octets. Fault NOT_FOUND."""
    owner, name = visit.at(place.owner, place.collection)
    with visit.home(owner).view() as view:
        item = _found(view.item(view.collection(name), place.href))
        octets = view.octets([item])[item.item]
    headers = {"ETag": item.etag, "Last_Modified": properties.date(item.modified)}
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
    owner, name = visit.at(place.owner, place.collection)
    home = visit.home(owner)
    with home.view() as view:
        collection = next((each for each in view.collections() if each.name == name), None)
    if collection is None:
        raise Condition(HTTPStatus.CONFLICT, "<D:resource-must-be-null/>")
    prefix = _PREFIX[Holds(collection.kind)]
    options = Put(
        name,
        place.href,
        octets,
        _facts(collection, octets),
        etags(environ, "HTTP_IF_MATCH"),
        etags(environ, "HTTP_IF_NONE_MATCH"),
    )
    try:
        stored = home.put(options)
    except Fault as fault:
        raise _condition(fault, prefix, place) from fault
    status = HTTPStatus.CREATED if stored.created else HTTPStatus.NO_CONTENT
    return answer(status, None, ETag=stored.etag)


def delete(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """A resource, or a collection with all that is in it."""
    owner, name = visit.at(place.owner, place.collection)
    home = visit.home(owner)
    if not place.is_resource:
        home.remove_collection(name)
    elif not home.remove(Remove(name, place.href, etags(environ, "HTTP_IF_MATCH"))):
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return answer(HTTPStatus.NO_CONTENT)


def move(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """Within one home: another owner's calendar is another database, and apps copy and delete then."""
    target = pointed(environ.get("HTTP_DESTINATION", ""), place.prefix, environ.get("HTTP_HOST", ""))
    (owner, name), (new_owner, new_name) = (visit.at(each.owner, each.collection) for each in (place, target))
    if new_owner is not owner or not target.is_resource:
        raise Fault(Kind.DENIED, "It cannot be moved there.")
    home = visit.home(owner)
    with home.view() as view:
        kinds = {each.name: each.kind for each in view.collections()}
    if new_name not in kinds:
        raise Condition(HTTPStatus.CONFLICT, "<D:resource-must-be-null/>")
    overwrite = environ.get("HTTP_OVERWRITE", "T").strip().upper() != "F"
    options = Move(name, place.href, new_name, target.href, overwrite)
    try:
        created = home.move(options)
    except Fault as fault:
        raise _condition(fault, _PREFIX[Holds(kinds[new_name])], target) from fault
    return answer(HTTPStatus.CREATED if created else HTTPStatus.NO_CONTENT)


def etags(environ: dict[str, Any], header: str) -> tuple[str, ...]:
    """Of If-Match or If-None-Match; weak ones fit nothing here."""
    return tuple(each.strip() for each in environ.get(header, "").split(",") if each.strip())


def _found(item: Item | None) -> Item:
    if item is None:
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    return item


def _facts(collection: Collection, octets: bytes) -> Facts:
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
