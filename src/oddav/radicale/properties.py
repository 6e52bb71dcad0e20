"""Live properties: what is known of a root, a home, a collection, a resource.  RFC 4918 15, 3744, 4791, 6352, 6578"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec

from odcore.sharing.api import Power
from oddav.push.offer import Offer
from oddav.radicale import directory, invites, proxies, push, timezones, xml
from oddav.radicale.place import Place
from oddav.radicale.texts import COLLATIONS
from oddav.radicale.visit import Owner, Visit
from oddav.store.model import Collection, Item, Kind, Right
from oddav.store.ops.zone import TIMEZONE, TIMEZONE_ID

MOST_OCTETS = 8 << 20
"""Of one resource."""

CALENDAR_REPORTS = ("C:calendar-query", "C:calendar-multiget", "C:free-busy-query", "D:sync-collection")
CARD_REPORTS = ("CR:addressbook-query", "CR:addressbook-multiget", "D:sync-collection")
PRINCIPAL_REPORTS = ("D:principal-property-search", "D:principal-search-property-set", "D:expand-property")
_REPORTS: dict[Kind, tuple[str, ...]] = {
    Kind.CALENDAR: CALENDAR_REPORTS,
    Kind.CONTACTS: CARD_REPORTS,
    Kind.INBOX: ("C:calendar-query", "C:calendar-multiget", "D:sync-collection"),
    Kind.OUTBOX: (),
}
QUOTA = (xml.name("D:quota-used-bytes"), xml.name("D:quota-available-bytes"))
_PRIVILEGES = (
    "read",
    "write",
    "write-properties",
    "write-content",
    "bind",
    "unbind",
    "read-current-user-privilege-set",
)
_SCHEDULING = {
    Kind.INBOX: "".join(
        f"<D:privilege><{each}/></D:privilege>"
        for each in (
            "D:read",
            "D:unbind",
            "D:write-properties",
            "D:read-current-user-privilege-set",
            "C:schedule-deliver",
            "C:schedule-deliver-invite",
            "C:schedule-deliver-reply",
            "C:schedule-query-freebusy",
        )
    ),
    Kind.OUTBOX: "".join(
        f"<D:privilege><{each}/></D:privilege>"
        for each in (
            "D:read",
            "D:read-current-user-privilege-set",
            "C:schedule-send",
            "C:schedule-send-invite",
            "C:schedule-send-reply",
            "C:schedule-send-freebusy",
        )
    ),
}
"""RFC 6638 6"""

TRANSPARENCY = xml.name("C:schedule-calendar-transp")
_READ_ONLY = ("read", "read-current-user-privilege-set")
"""A property that a guest sets is their own: write-properties would tell programs that they can write."""


class Subject(msgspec.Struct, frozen=True):
    """What is asked about."""

    visit: Visit
    place: Place
    owner: Owner | None = None
    collection: Collection | None = None
    dead: dict[str, str] = {}


Tell = Callable[[Subject], str | None]


def value(subject: Subject, clark: str) -> str | None:
    """The property as an element, None where there is none."""
    tell = LIVE.get(clark)
    inner = None if tell is None else tell(subject)
    return subject.dead.get(clark) if inner is None else xml.element(clark, inner)


def names(subject: Subject) -> list[str]:
    """All that have a value."""
    return [clark for clark, tell in LIVE.items() if tell(subject) is not None] + list(subject.dead)


def item_names() -> list[str]:
    """All that are told unasked.  RFC 6638 3.2.10"""
    return [clark for clark in OF_ITEM if clark != _TAG]


def date(timestamp: int) -> str:
    """As HTTP writes it."""
    return format_datetime(datetime.fromtimestamp(timestamp, UTC), usegmt=True)


def _content_type(item: Item) -> str:
    return content_type(item.component)


def content_type(component: str) -> str:
    """Of a resource."""
    if component == "VCARD":
        return "text/vcard; charset=utf-8"
    return f"text/calendar; charset=utf-8; component={component.lower()}"


_TAG = xml.name("C:schedule-tag")
OF_ITEM: dict[str, Callable[[Item], str | None]] = {
    xml.name("D:getetag"): lambda item: item.etag,
    xml.name("D:getcontenttype"): _content_type,
    xml.name("D:getcontentlength"): lambda item: str(item.size),
    xml.name("D:getlastmodified"): lambda item: date(item.modified),
    xml.name("D:resourcetype"): lambda _item: "",
    _TAG: lambda item: item.schedule_tag or None,
}
"""The few that a resource has."""


def _home(subject: Subject) -> Place | None:
    return subject.place.home(subject.owner.id) if subject.owner is not None else None


def _own(subject: Subject) -> str:
    return xml.href(subject.place.home(subject.visit.own.id).path)


def _of_home(tell: Callable[[Subject, Owner], str]) -> Tell:
    """For principals, which are homes."""
    return lambda subject: tell(subject, subject.owner) if subject.owner and not subject.collection else None


def _of_collection(tell: Callable[[Collection], str | None]) -> Tell:
    return lambda subject: None if subject.collection is None else tell(subject.collection)


def _of_kind(kind: Kind, tell: Callable[[Collection], str]) -> Tell:
    return _of_collection(lambda collection: tell(collection) if collection.kind == kind else None)


def _of_pushed(tell: Callable[[Offer, Collection], str]) -> Tell:
    """Of collections where devices are told of changes."""

    def told(subject: Subject) -> str | None:
        offer = subject.visit.house.push
        return None if offer is None or subject.collection is None else tell(offer, subject.collection)

    return told


_TYPES = {
    Kind.CALENDAR: "<C:calendar/>",
    Kind.CONTACTS: "<CR:addressbook/>",
    Kind.INBOX: "<C:schedule-inbox/>",
    Kind.OUTBOX: "<C:schedule-outbox/>",
}


def _resource_type(subject: Subject) -> str:
    if subject.collection is not None:
        return f"<D:collection/>{_TYPES[Kind(subject.collection.kind)]}{_shared(subject)}"
    return "<D:collection/><D:principal/>" if subject.owner else "<D:collection/>"


def _shared(subject: Subject) -> str:
    """Apple's marks of what is shared, with its owner and with its guests."""
    if subject.collection is None or subject.owner is None:
        return ""
    if subject.owner.id not in subject.visit.owners:
        return "<CS:shared/>"
    return "<CS:shared-owner/>" if invites.shares(subject.visit, subject.owner, subject.collection) else ""


def _invite(subject: Subject) -> str | None:
    if subject.collection is None or subject.owner is None:
        return None
    return invites.told(subject.visit, subject.place, subject.owner, subject.collection) or None


def _modes(subject: Subject) -> str | None:
    """May whoever asks share it?"""
    owns = subject.collection is not None and _right(subject) is Right.OWN
    return "<CS:can-be-shared/>" if owns and subject.collection.kind in (Kind.CALENDAR, Kind.CONTACTS) else None  # type: ignore[union-attr]


def _quota(tell: Callable[[int, int], int]) -> Tell:
    """One for all collections of an account; guests do not learn how full it is.  RFC 4331"""

    def told(subject: Subject) -> str | None:
        if subject.owner is None or _right(subject) is not Right.OWN:
            return None
        home = subject.visit.home(subject.owner)
        return str(tell(home.used(), home.quota))

    return told


def _proxy_for(power: Power) -> Tell:
    return _of_home(
        lambda subject, owner: "".join(
            xml.href(subject.place.home(each.id).path)
            for each in (proxies.lent(subject.visit, power) if owner is subject.visit.own else ())
        )
    )


def _memberships(subject: Subject, owner: Owner) -> str:
    return proxies.memberships(subject.visit, subject.place) if owner is subject.visit.own else ""


def _display_name(subject: Subject) -> str | None:
    """A principal's is its owner's; a collection's lies among the dead ones."""
    return None if subject.owner is None or subject.collection else xml.text(subject.owner.name)


def _principal(subject: Subject, owner: Owner) -> str:
    """Also the one home: some programs stop at the first, one breaks at a second."""
    return xml.href(subject.place.home(owner.id).path)


def _gateway(subject: Subject, _owner: Owner) -> str:
    """The book of everybody.  draft-daboo-carddav-directory-gateway 3.1"""
    return xml.href(directory.collection(subject.place.prefix).path)


def _below(subject: Subject, owner: Owner, name: str) -> str:
    return xml.href(subject.place.home(owner.id).below(f"{name}/").path)


def _addresses(subject: Subject, owner: Owner) -> str:
    told = [f"<D:href>mailto:{xml.text(address)}</D:href>" for address in owner.addresses]
    return "".join(told) + xml.href(subject.place.home(owner.id).path)


def _emails(_subject: Subject, owner: Owner) -> str:
    return "".join(f"<CS:email-address>{xml.text(address)}</CS:email-address>" for address in owner.addresses)


def _transparency(subject: Subject) -> str | None:
    """Does what is in the calendar make its owner busy? Yes, unless told otherwise.  RFC 6638 9.1"""
    told = subject.collection is None or subject.collection.kind != Kind.CALENDAR or TRANSPARENCY in subject.dead
    return None if told else "<C:opaque/>"


def _zone(clark: str) -> Tell:
    return lambda subject: timezones.told(subject.dead, clark)


def _collations(names: Iterable[str], prefix: str) -> str:
    return "".join(f"<{prefix}:supported-collation>{each}</{prefix}:supported-collation>" for each in names)


def _privileges(subject: Subject) -> str:
    if subject.collection is not None and subject.collection.kind in _SCHEDULING:
        return _SCHEDULING[subject.collection.kind]
    have = _PRIVILEGES if _right(subject) >= Right.WRITE else _READ_ONLY
    told = "".join(f"<D:privilege><D:{each}/></D:privilege>" for each in have)
    busy = subject.collection is not None and subject.collection.kind == Kind.CALENDAR
    return told + ("<D:privilege><C:read-free-busy/></D:privilege>" if busy else "")


def _right(subject: Subject) -> Right:
    if subject.owner is None:
        return Right.READ
    name = "" if subject.collection is None else subject.collection.name
    right = subject.visit.right(subject.owner, name)
    if subject.collection is not None and subject.collection.source:
        right = min(right, Right.READ)
    return right if subject.collection is not None or right is Right.OWN else Right.READ


def _reports(subject: Subject) -> str:
    reports = _home_reports(subject) if subject.collection is None else _REPORTS[Kind(subject.collection.kind)]
    return "".join(f"<D:supported-report><D:report><{each}/></D:report></D:supported-report>" for each in reports)


def _home_reports(subject: Subject) -> tuple[str, ...]:
    return (*PRINCIPAL_REPORTS, "D:sync-collection") if subject.owner else PRINCIPAL_REPORTS


def _components(collection: Collection) -> str:
    return "".join(f'<C:comp name="{each}"/>' for each in collection.components.split(","))


def _owner(subject: Subject) -> str | None:
    home = _home(subject)
    return None if home is None else xml.href(home.path)


_CARDS = '<CR:address-data-type content-type="text/vcard" version="{}"/>'
_SIZE = str(MOST_OCTETS)

LIVE: dict[str, Tell] = {
    xml.name("C:schedule-inbox-URL"): _of_home(lambda subject, owner: _below(subject, owner, "inbox")),
    xml.name("C:schedule-outbox-URL"): _of_home(lambda subject, owner: _below(subject, owner, "outbox")),
    xml.name("C:calendar-user-type"): _of_home(lambda _subject, owner: owner.type),
    xml.name("CS:calendar-proxy-read-for"): _proxy_for(Power.READ),
    xml.name("CS:calendar-proxy-write-for"): _proxy_for(Power.WRITE),
    xml.name("D:group-membership"): _of_home(_memberships),
    xml.name("D:group-member-set"): _of_home(lambda _subject, _owner: ""),
    xml.name("CS:invite"): _invite,
    xml.name("CS:allowed-sharing-modes"): _modes,
    xml.name("D:resourcetype"): _resource_type,
    xml.name("D:current-user-principal"): _own,
    xml.name("D:principal-collection-set"): lambda subject: xml.href(Place(subject.place.prefix).path),
    xml.name("D:principal-URL"): _of_home(_principal),
    xml.name("D:resource-id"): _of_home(lambda _subject, owner: f"<D:href>urn:uuid:{owner.id}</D:href>"),  # RFC 5842
    xml.name("D:owner"): _owner,
    xml.name("D:current-user-privilege-set"): _privileges,
    xml.name("D:supported-report-set"): _reports,
    xml.name("C:calendar-home-set"): _of_home(_principal),
    xml.name("CR:addressbook-home-set"): _of_home(_principal),
    xml.name("CR:directory-gateway"): _of_home(_gateway),
    xml.name("C:calendar-user-address-set"): _of_home(_addresses),
    xml.name("CS:email-address-set"): _of_home(_emails),
    QUOTA[0]: _quota(lambda used, _most: used),
    QUOTA[1]: _quota(lambda used, most: max(most - used, 0)),
    xml.name("D:sync-token"): _of_collection(lambda collection: collection.token),
    xml.name("CS:getctag"): _of_collection(lambda collection: f"{collection.epoch}-{collection.modseq}"),
    xml.name("D:getlastmodified"): _of_collection(lambda collection: date(collection.modified)),
    push.TRANSPORTS: _of_pushed(lambda offer, _collection: push.transports(offer)),
    push.TOPIC: _of_pushed(lambda _offer, collection: collection.epoch),
    push.TRIGGERS: _of_pushed(lambda _offer, _collection: push.SUPPORTED),
    xml.name("C:supported-calendar-component-set"): _of_collection(
        lambda collection: None if collection.kind == Kind.CONTACTS else _components(collection)
    ),
    xml.name("C:supported-calendar-data"): _of_kind(
        Kind.CALENDAR, lambda _: '<C:calendar-data content-type="text/calendar" version="2.0"/>'
    ),
    xml.name("C:supported-collation-set"): _of_kind(Kind.CALENDAR, lambda _: _collations(COLLATIONS, "C")),
    xml.name("CR:supported-collation-set"): _of_kind(Kind.CONTACTS, lambda _: _collations(COLLATIONS, "CR")),
    xml.name("C:max-resource-size"): _of_kind(Kind.CALENDAR, lambda _: _SIZE),
    xml.name("CR:max-resource-size"): _of_kind(Kind.CONTACTS, lambda _: _SIZE),
    xml.name("CR:supported-address-data"): _of_kind(
        Kind.CONTACTS, lambda _: _CARDS.format("3.0") + _CARDS.format("4.0")
    ),
}

PROTECTED = frozenset(LIVE) | frozenset(OF_ITEM)
"""What no app may set."""

LIVE[xml.name("D:displayname")] = _display_name
LIVE[TRANSPARENCY] = _transparency

OF_HOMES = frozenset(LIVE) | PROTECTED
"""What no app may set of a home."""

LIVE |= {clark: _zone(clark) for clark in (TIMEZONE, TIMEZONE_ID)}
