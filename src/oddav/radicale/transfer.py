"""COPY and MOVE of one resource, within a home and between homes.  RFC 4918 9.8, 9.9, RFC 4791 5.3.2.1, RFC 6638 3.2.4

Between two homes it is two transactions: the copy first, so that a crash leaves two and never none.
"""

from http import HTTPStatus
from typing import Any

from odcore.errors import Fault, Kind
from oddav.radicale import resources
from oddav.radicale.answers import Answer, answer
from oddav.radicale.place import Place, pointed
from oddav.radicale.visit import Owner, Visit
from oddav.store.model import Collection, Item, Move, Put, Remove, Right
from oddav.store.transaction import check_match


def copy(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """The octets under another name: it is written there as if a program did. What is scheduled has one copy only."""
    owner, name = visit.at(place.owner, place.collection)
    _, octets = _source(visit, owner, name, place, environ)
    target, new_owner, collection = _target(visit, place, environ)
    if (owner.id, name, place.href) == (new_owner.id, collection.name, target.href):
        raise Fault(Kind.DENIED, "It is there already.")
    return answer(_write(visit, new_owner, collection, target, octets, environ))


def move(visit: Visit, place: Place, environ: dict[str, Any]) -> Answer:
    """Within a home nothing but the name changes. Who is invited stays in the calendar of who invites."""
    owner, name = visit.at(place.owner, place.collection, Right.WRITE)
    target, new_owner, collection = _target(visit, place, environ)
    item, octets = _source(visit, owner, name, place, environ)
    if new_owner.id == owner.id:
        with resources.conditions(collection, target):
            match = resources.etags(environ, "HTTP_IF_MATCH")
            created = visit.home(owner).move(
                Move(name, place.href, collection.name, target.href, _overwrites(environ), match)
            )
        return answer(HTTPStatus.CREATED if created else HTTPStatus.NO_CONTENT)
    if item.schedule_tag:
        raise Fault(Kind.DENIED, "An event with guests stays in its owner's calendars.")
    status = _write(visit, new_owner, collection, target, octets, environ)
    visit.home(owner).remove(Remove(name, place.href, (item.etag,)))
    return answer(status)


def _source(visit: Visit, owner: Owner, name: str, place: Place, environ: dict[str, Any]) -> tuple[Item, bytes]:
    with visit.home(owner).view() as view:
        collection = view.collection(name)
        item = view.item(collection, place.href)
        octets = b"" if item is None else view.octets([item])[item.item]
    if item is None:
        raise Fault(Kind.NOT_FOUND, "There is nothing here.")
    if collection.kind in resources.PASSES:
        raise Fault(Kind.DENIED, "Messages stay where they are.")
    check_match(item, resources.etags(environ, "HTTP_IF_MATCH"))
    return item, octets


def _target(visit: Visit, place: Place, environ: dict[str, Any]) -> tuple[Place, Owner, Collection]:
    target = pointed(environ.get("HTTP_DESTINATION", ""), place.prefix, environ.get("HTTP_HOST", ""))
    owner, name = visit.at(target.owner, target.collection, Right.WRITE)
    if not target.is_resource:
        raise Fault(Kind.DENIED, "A resource cannot take the place of a collection.")
    return target, owner, resources.target(visit, owner, name)


def _write(
    visit: Visit, owner: Owner, collection: Collection, target: Place, octets: bytes, environ: dict[str, Any]
) -> HTTPStatus:
    new = () if _overwrites(environ) else ("*",)
    options = Put(collection.name, target.href, octets, resources.facts(collection, octets), if_none_match=new)
    wishes = resources.wishes(visit, {})
    stored = resources.store(visit, owner, collection, options, target, wishes)
    return HTTPStatus.CREATED if stored.created else HTTPStatus.NO_CONTENT


def _overwrites(environ: dict[str, Any]) -> bool:
    return str(environ.get("HTTP_OVERWRITE", "T")).strip().upper() != "F"
