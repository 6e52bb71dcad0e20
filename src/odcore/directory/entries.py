"""Between LDAP entries and the model: which classes and attributes stand for what.

Reading is forgiving (other tools write here too): what cannot be understood is left out, and the entry still works.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from odcore import clock
from odcore.directory.address import fold
from odcore.directory.model import (
    Alias,
    Charge,
    ChargeKind,
    DevicePassword,
    Domain,
    FormerRule,
    Office,
    Person,
    Post,
    State,
)
from odcore.directory.record import Record, format_instant, parse_instant
from odcore.ids import AccountId

log = structlog.get_logger()

PERSON_CLASSES = ("inetOrgPerson", "odmailPerson")
POST_CLASSES = ("organizationalRole", "odmailPost")
OFFICE_CLASSES = ("organizationalUnit", "odmailUnit")
GROUP_CLASSES = ("groupOfNames", "odmailGroup")
ALIAS_CLASSES = ("odmailAlias",)
DOMAIN_CLASSES = ("domain", "odmailDomain")
DEVICE_CLASSES = ("device", "simpleSecurityObject", "odmailDevicePassword")
TOKEN_CLASSES = ("device", "odmailDevicePassword")
CONTRACTOR = "contractor"
"""The employeeType (RFC 2798 2.5) of those who are no officials."""
SECRETS = ("userPassword", "odmailScram", "odmailDigest")

# fmt: off
ATTRIBUTES = (
    "objectClass", "entryUUID", "cn", "uid", "sn", "givenName", "displayName", "mail", "title", "mobile", "ou", "dc",
    "preferredLanguage", "employeeNumber", "employeeType", "member", "owner", "roleOccupant", "createTimestamp",
    "odmailState", "odmailQuota", "odmailAlternate", "odmailExpires", "odmailOfficeId", "odmailCharge", "odmailHolder",
    "odmailBoundary", "odmailOutside", "odmailTarget", "odmailDefault", "odmailOwner", "odmailOpens", "odmailScope",
    "odmailPasswordSet", "odmailSenders", "odmailCalendarUser", "odmailBookingDays", "telephoneNumber", "homePhone",
    "odmailUnlisted", "odmailFormer",
)
# fmt: on
"""All we ever ask for: a photograph of a megabyte stays where it is."""


def person(record: Record) -> Person:
    """From an inetOrgPerson."""
    return Person(
        id=AccountId(record.id),
        dn=record.dn,
        uid=record.text("uid"),
        name=record.text("displayName") or record.text("cn") or record.text("uid"),
        addresses=addresses(record),
        state=state(record),
        given_name=record.text("givenName"),
        family_name=record.text("sn"),
        names=record.languages("cn"),
        office=_account(record.text("odmailOfficeId")),
        title=record.text("title"),
        mobile=record.text("mobile"),
        language=next(iter(_languages(record)), ""),
        employee_number=record.text("employeeNumber"),
        quota=record.number("odmailQuota"),
        expires=record.instant("odmailExpires"),
        contractor=fold(record.text("employeeType")) == CONTRACTOR,
        password_set=record.text("odmailPasswordSet"),
        telephone=record.text("telephoneNumber"),
        home_phone=record.text("homePhone"),
        unlisted=is_unlisted(record),
        created=record.instant("createTimestamp"),
    )


def post(record: Record) -> Post:
    """From an organizationalRole."""
    cn = record.text("cn")
    return Post(
        id=AccountId(record.id),
        dn=record.dn,
        cn=cn,
        title=record.text("title") or cn,
        addresses=addresses(record),
        state=state(record),
        names=record.languages("title"),
        office=_account(record.text("odmailOfficeId")),
        charges=charges(record),
        quota=record.number("odmailQuota"),
        calendar_user=record.text("odmailCalendarUser").upper(),
        booking_days=record.number("odmailBookingDays"),
        former=_former(record.text("odmailFormer").lower()),
        telephone=record.text("telephoneNumber"),
        unlisted=is_unlisted(record),
    )


def office(record: Record) -> Office:
    """From an organizationalUnit."""
    ou = record.text("ou")
    return Office(
        id=AccountId(record.id),
        dn=record.dn,
        ou=ou,
        name=record.text("displayName") or ou,
        names=record.languages("displayName"),
        parent=_account(record.text("odmailOfficeId")),
    )


def alias(record: Record) -> Alias:
    """From an odmailAlias."""
    return Alias(
        id=AccountId(record.id),
        dn=record.dn,
        address=record.text("cn"),
        targets=record.texts("odmailTarget"),
        state=state(record),
    )


def domain(record: Record) -> Domain:
    """From a domain."""
    return Domain(
        id=AccountId(record.id),
        dn=record.dn,
        name=record.text("dc").lower(),
        default=record.text("odmailDefault").upper() == "TRUE",
        languages=_languages(record),
    )


def device(record: Record) -> DevicePassword:
    """From a device below a person."""
    return DevicePassword(
        id=record.text("cn"),
        owner=AccountId(record.text("odmailOwner").lower()),
        account=AccountId(record.text("odmailOpens").lower()),
        name=record.text("displayName"),
        scopes=tuple(sorted(record.texts("odmailScope"))),
        created=record.instant("createTimestamp") or clock.now(),
        expires=record.instant("odmailExpires"),
        token=not record.has_class("simpleSecurityObject"),
    )


def addresses(record: Record) -> tuple[str, ...]:
    """Every address once, those in `mail` first."""
    seen: dict[str, str] = {}
    for address in record.texts("mail") + record.texts("odmailAlternate"):
        seen.setdefault(fold(address), address)
    return tuple(seen.values())


def address_values(given: Iterable[str]) -> dict[str, list[str]]:
    """`mail` takes the first address when it is ASCII, as its syntax asks; the others are alternates."""
    every = list(dict.fromkeys(given))
    first = every[:1] if every and every[0].isascii() else []
    return {"mail": first, "odmailAlternate": every[len(first) :]}


def language_values(attribute: str, names: Mapping[str, str]) -> dict[str, list[str]]:
    """One attribute with a language option for each tag.  RFC 3866"""
    return {f"{attribute};lang-{tag.lower()}": [name] for tag, name in names.items()}


def state(record: Record) -> State:
    """Anything but "active" or nothing is disabled: a word that nobody knows must not open doors."""
    return State.ACTIVE if record.text("odmailState").lower() in ("", "active") else State.DISABLED


def is_unlisted(record: Record) -> bool:
    """Is it kept out of the directory book?"""
    return record.text("odmailUnlisted").upper() == "TRUE"


def flag(told: bool) -> list[str]:
    """The values of an attribute that is TRUE or not there."""
    return ["TRUE"] if told else []


def charges(record: Record) -> tuple[Charge, ...]:
    """The post's charges, oldest first."""
    found = [_charge(text, record.dn) for text in record.texts("odmailCharge")]
    return tuple(sorted((charge for charge in found if charge), key=lambda charge: (charge.start, charge.person)))


def charge_values(held: Iterable[Charge], instant: datetime) -> dict[str, list[str]]:
    """The charges, and what is derived from them for searching and watching."""
    held = tuple(held)
    edges = {edge for charge in held for edge in (charge.start, charge.end) if edge and edge > instant}
    return {
        "odmailCharge": [_charge_text(charge) for charge in held],
        "odmailHolder": sorted({charge.person for charge in held}),
        "odmailBoundary": sorted(format_instant(edge) for edge in edges),
    }


def _charge_text(charge: Charge) -> str:
    end = format_instant(charge.end) if charge.end else "-"
    return "$".join((format_instant(charge.start), end, charge.kind, charge.person, charge.order))


def _charge(text: str, dn: str) -> Charge | None:
    parts = text.split("$", 4)
    start = parse_instant(parts[0])
    end = parse_instant(parts[1]) if len(parts) == 5 and parts[1] != "-" else None
    if start is None or len(parts) != 5 or (end is None and parts[1] != "-"):
        log.warning("charge_not_understood", dn=dn)
        return None
    kind = ChargeKind(parts[2]) if parts[2] in list(ChargeKind) else ChargeKind.REGULAR
    return Charge(AccountId(parts[3].lower()), start, end, parts[4], kind)


def former_values(rule: str) -> dict[str, list[str]]:
    """The name of a FormerRule; "" takes the attribute away."""
    return {"odmailFormer": [FormerRule(rule)] if rule else []}


def _former(text: str) -> FormerRule | None:
    return FormerRule(text) if text in list(FormerRule) else None


def _languages(record: Record) -> tuple[str, ...]:
    """Tags in their order, as `Accept-Language` has them.  RFC 2798 2.7"""
    tags = (each.partition(";")[0].strip().lower() for each in record.text("preferredLanguage").split(","))
    return tuple(tag for tag in tags if tag)


def _account(text: str) -> AccountId | None:
    return AccountId(text.lower()) if text else None
