"""Sharing one collection, as Apple's programs tell and ask for it: CS:invite and CS:share of CalendarServer.

An invitation needs no acceptance: what is shared is there at once, in the guest's home.
"""

from http import HTTPStatus
from xml.etree.ElementTree import Element

from odcore.errors import Fault, Kind
from odcore.sharing.api import ANYONE, OWNER
from oddav.radicale import xml
from oddav.radicale.answers import Answer, answer
from oddav.radicale.place import Place, pointed
from oddav.radicale.visit import Owner, Visit
from oddav.store import sharing
from oddav.store.model import Collection, Right, Share

_HREF = "{DAV:}href"
_ACCESS = {Right.READ: "<CS:read/>", Right.WRITE: "<CS:read-write/>"}


def shares(visit: Visit, owner: Owner, collection: Collection) -> list[Share]:
    """For those who own it: whom it is shared with."""
    if owner.id not in visit.owners:
        return []
    return [each for each in visit.shares(owner) if each.collection == collection.name]


def told(visit: Visit, place: Place, owner: Owner, collection: Collection) -> str | None:
    """CS:invite."""
    if owner.id in visit.owners:
        return "".join(_user(visit, each) for each in shares(visit, owner, collection) if each.right in _ACCESS)
    whose = f"<CS:organizer>{xml.href(place.home(owner.id).path)}{_name(owner.name)}</CS:organizer>"
    access = _ACCESS.get(min(visit.right(owner, collection.name), Right.WRITE), "")
    me = f"<D:href>mailto:{xml.text(visit.own.addresses[0])}</D:href>" if visit.own.addresses else ""
    return f"{whose}<CS:user>{me}{_name(visit.own.name)}<CS:invite-accepted/><CS:access>{access}</CS:access></CS:user>"


def share(visit: Visit, place: Place, request: Element, host: str) -> Answer:
    """POST of CS:share: all of it is looked at before anything is changed. Faults NOT_FOUND, LIMIT, BAD_REQUEST."""
    owner, name = visit.at(place.owner, place.collection, Right.OWN)
    home = visit.home(owner)
    with home.view() as view:
        view.collection(name)
    given = [
        Share(name, _subject(visit, each, place, host), _right(each), _giver(visit, owner))
        for each in _all(request, "set")
    ]
    gone = [_subject(visit, each, place, host) for each in _all(request, "remove")]
    if any(each.subject in (ANYONE, OWNER, f"person:{owner.id}", f"post:{owner.id}") for each in given):
        raise Fault(Kind.BAD_REQUEST, "It is shared with people, posts and groups.")
    register, who = visit.house.sharing.register, visit.principal.person.id
    there = {each.subject for each in home.shares() if each.collection == name}
    for each in given:
        sharing.share(register, home, each)
        facts = {"collection": name, "with": each.subject, "right": each.right.name.lower()}
        visit.house.record("collection-shared", who, owner.id, **facts)
    for subject in gone:
        if subject in there:
            sharing.unshare(register, home, name, subject)
            visit.house.record("collection-unshared", who, owner.id, collection=name, **{"with": subject})
    return answer(HTTPStatus.OK)


def _all(request: Element, name: str) -> list[Element]:
    return request.findall(xml.name(f"CS:{name}"))


def _right(given: Element) -> Right:
    return Right.READ if given.find(xml.name("CS:read-write")) is None else Right.WRITE


def _giver(visit: Visit, owner: Owner) -> str:
    """What is given for a post ends with its giver's charge."""
    return visit.principal.person.id if owner.post else ""


def _subject(visit: Visit, given: Element, place: Place, host: str) -> str:
    href = (given.findtext(_HREF) or "").strip()
    if href.lower().startswith("mailto:"):
        return visit.house.sharing.subject(href[len("mailto:") :])
    return visit.house.sharing.subject(pointed(href, place.prefix, host).owner)


def _user(visit: Visit, given: Share) -> str:
    name = visit.house.sharing.identifier(given.subject)
    href = (
        f"<D:href>mailto:{xml.text(name)}</D:href>"
        if "@" in name
        else f"<D:href>urn:x-odmail:{xml.text(name)}</D:href>"
    )
    return f"<CS:user>{href}{_name(name)}<CS:invite-accepted/><CS:access>{_ACCESS[given.right]}</CS:access></CS:user>"


def _name(text: str) -> str:
    return f"<CS:common-name>{xml.text(text)}</CS:common-name>"
