"""Who acts on all of somebody's calendars: calendar-proxy, an extension of CalendarServer's that Apple and DAVx5 read.

A principal has two groups below it, of those who may read and of those who may write. What the groups hold are the
delegations of the register of grants, which mail has as well.
"""

from http import HTTPStatus
from xml.etree.ElementTree import Element

from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sharing.api import COLLECTIONS, Delegation, Power
from oddav.radicale import xml
from oddav.radicale.answers import Answer, Condition, forbidden, multistatus
from oddav.radicale.place import Place, pointed
from oddav.radicale.visit import Owner, Visit
from oddav.store.model import Right

GROUPS = {"calendar-proxy-read": Power.READ, "calendar-proxy-write": Power.WRITE}
_RIGHT = {Power.READ: Right.READ, Power.WRITE: Right.WRITE}
_MEMBERS = xml.name("D:group-member-set")


def lent(visit: Visit, power: Power) -> list[Owner]:
    """Those for whom the visit's account may act so far and no further."""
    return [owner for owner, given in visit.guests.values() if given.whole is _RIGHT[power]]


def members(visit: Visit, owner: Owner, group: str) -> list[AccountId]:
    """Of one of the groups below a principal."""
    if visit.owners.get(owner.id) is None:
        return [visit.own.id] if owner in lent(visit, GROUPS[group]) else []
    given = visit.house.sharing.register.delegations_of(COLLECTIONS, owner.id)
    return [each.delegate for each in given if _strongest(each) is GROUPS[group]]


def properties(visit: Visit, place: Place) -> dict[str, str]:
    """Of the group at `place`."""
    owner = visit.owner(place.owner)
    told = "".join(xml.href(place.home(each).path) for each in members(visit, owner, place.collection))
    return {
        xml.name("D:resourcetype"): f"<D:collection/><D:principal/><CS:{place.collection}/>",
        xml.name("D:displayname"): xml.text(f"{owner.name}: {place.collection.rpartition('-')[2]}"),
        xml.name("D:principal-URL"): xml.href(place.path.rstrip("/") + "/"),
        xml.name("D:owner"): xml.href(place.home(owner.id).path),
        xml.name("D:current-user-principal"): xml.href(place.home(visit.own.id).path),
        _MEMBERS: told,
    }


def memberships(visit: Visit, place: Place) -> str:
    """The groups that the visit's own principal is in."""
    found = [(owner, group) for group, power in GROUPS.items() for owner in lent(visit, power)]
    return "".join(xml.href(place.home(owner.id).below(f"{group}/").path) for owner, group in found)


def patch(visit: Visit, place: Place, request: Element | None, host: str) -> Answer:
    """A new set of members, as Apple's Calendar writes it. Fault DENIED; condition for nobody's path."""
    owner = visit.owner(place.owner)
    told = None if request is None else request.find(f"{xml.name('D:set')}/{{DAV:}}prop/{_MEMBERS}")
    if owner.id not in visit.owners:
        raise Condition(HTTPStatus.FORBIDDEN, "<D:need-privileges/>")
    if told is None:
        raise forbidden("D:cannot-modify-protected-property")
    wanted = {_person(visit, each.text or "", place, host) for each in told}
    if owner.id in wanted:
        raise Fault(Kind.BAD_REQUEST, "Nobody is their own delegate.")
    power = GROUPS[place.collection]
    others = {each for name in GROUPS if name != place.collection for each in members(visit, owner, name)}
    if len(wanted | others) > visit.house.delegates:
        raise Fault(Kind.DENIED, f"At most {visit.house.delegates} people act for one account.")
    for each in members(visit, owner, place.collection):
        if each not in wanted:
            visit.house.sharing.register.end(COLLECTIONS, owner.id, each)
            visit.house.record("delegation-ended", visit.principal.person.id, owner.id, delegate=each, area=COLLECTIONS)
    for each in sorted(wanted.difference(members(visit, owner, place.collection))):
        _delegate(visit, owner, each, power)
    done = xml.propstat(HTTPStatus.OK, xml.element(_MEMBERS))
    return multistatus([f"<D:response>{xml.href(place.path)}{done}</D:response>"])


def _delegate(visit: Visit, owner: Owner, delegate: AccountId, power: Power) -> None:
    """What is given for a post ends with its giver's charge."""
    giver = visit.principal.person.id if owner.post else ""
    given = Delegation(owner.id, delegate, frozenset((power,)), giver)
    visit.house.sharing.register.delegate(COLLECTIONS, given, visit.house.delegates)
    facts = {"delegate": delegate, "powers": power.value, "area": COLLECTIONS}
    visit.house.record("delegated", visit.principal.person.id, owner.id, **facts)


def _person(visit: Visit, text: str, place: Place, host: str) -> AccountId:
    kind, _, found = visit.house.sharing.subject(pointed(text, place.prefix, host).owner).partition(":")
    if kind != "person":
        raise Fault(Kind.BAD_REQUEST, "Delegates are people.")
    return AccountId(found)


def _strongest(given: Delegation) -> Power:
    return Power.WRITE if Power.WRITE in given.powers else Power.READ
