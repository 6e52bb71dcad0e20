"""What a directory book tells of people, posts, lists and offices: more than mail needs to know, read aside from it."""

import enum
import re
from collections.abc import Iterable, Iterator

import msgspec

from odcore.directory import entries
from odcore.directory.address import fold
from odcore.directory.connection import Link
from odcore.directory.filters import Filter, at_least, dn_key, equal, some
from odcore.directory.lookup import GROUP, OFFICE, PERSON, POST, is_id, is_one_of
from odcore.directory.model import Charge, State
from odcore.directory.record import Record
from odcore.errors import Fault
from odcore.ids import AccountId


class ListingKind(enum.StrEnum):
    """What is listed."""

    PERSON = "person"
    POST = "post"
    LIST = "list"
    OFFICE = "office"  # not by itself: the others are in it


class Listing(msgspec.Struct, frozen=True):
    """One entry, its private numbers included: who shows it decides about those."""

    id: AccountId
    kind: ListingKind
    stamp: str  # entryCSN
    listed: bool  # neither disabled nor kept out of the book
    name: str
    names: dict[str, str] = {}
    given_name: str = ""
    family_name: str = ""
    title: str = ""
    addresses: tuple[str, ...] = ()
    office: AccountId | None = None
    telephones: tuple[str, ...] = ()
    faxes: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()
    home_phones: tuple[str, ...] = ()
    expires: int = 0  # seconds since the epoch, 0: never
    charges: tuple[Charge, ...] = ()
    closed: bool = False  # a list for its members alone
    name_key: str = ""  # of its DN, as `members` of lists have it
    members: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()  # addresses


_CLASSES = {
    PERSON: ListingKind.PERSON,
    POST: ListingKind.POST,
    GROUP: ListingKind.LIST,
    OFFICE: ListingKind.OFFICE,
}
_ASKED = (
    *entries.ATTRIBUTES,
    "entryCSN",
    "facsimileTelephoneNumber",
)
_AT_ONCE = 100
_PHOTO = "jpegPhoto"
MOST_PHOTO = 256 << 10
"""Octets of a photograph."""

_PEOPLE = is_one_of((PERSON, POST, GROUP))
_OFFICES = is_one_of((OFFICE,))


class Listings:
    """Reads them, always afresh."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def all(self) -> Iterator[list[Listing]]:
        """Everything, offices first."""
        yield from self._pages(_OFFICES)
        yield from self._pages(_PEOPLE)

    def since(self, stamp: str) -> Iterator[list[Listing]]:
        """What was written at `stamp` or later."""
        yield from self._pages(at_least("entryCSN", stamp))

    def context(self) -> tuple[str, ...]:
        """Moves on with every change (contextCSN); () where the server does not tell."""
        root = self._link.read(self._link.base, ("contextCSN",))
        return tuple(sorted(root.texts("contextCSN"))) if root else ()

    def named(self, ids: Iterable[str]) -> Iterator[list[Listing]]:
        """Those of these ids that are there."""
        for some_ids in _portions(ids):
            yield from self._pages(some(*(equal("entryUUID", each) for each in some_ids)))

    def ids(self) -> set[str]:
        """Of all that may be listed, or was."""
        query = is_one_of(tuple(_CLASSES))
        return {each.id for page in self._link.pages(self._link.base, query, ("entryUUID",)) for each in page}

    def photos(self, ids: Iterable[str]) -> dict[str, bytes]:
        """JPEGs, none too large, by the id of whom they show."""
        found: dict[str, bytes] = {}
        for some_ids in _portions(ids):
            query = some(*(equal("entryUUID", each) for each in some_ids))
            for record in self._link.search(self._link.base, query, ("entryUUID", _PHOTO)):
                images = record.attributes.get(_PHOTO.lower()) or [b""]
                if 0 < len(images[0]) <= MOST_PHOTO:
                    found[record.id] = images[0]
        return found

    def _pages(self, query: Filter) -> Iterator[list[Listing]]:
        for page in self._link.pages(self._link.base, query, _ASKED):
            yield [found for record in page if (found := listing(record)) is not None]


def listing(record: Record) -> Listing | None:
    """None for what is no such entry."""
    kind = next((kind for name, kind in _CLASSES.items() if record.has_class(name)), None)
    if kind is None or not record.id:
        return None
    expires = record.instant("odmailExpires")
    return Listing(
        id=AccountId(record.id),
        kind=kind,
        stamp=record.text("entryCSN"),
        listed=entries.state(record) is State.ACTIVE and not entries.is_unlisted(record),
        name=_name(record, kind),
        names=record.languages("title" if kind is ListingKind.POST else _NAMES[kind]),
        given_name=record.text("givenName"),
        family_name=record.text("sn"),
        title=record.text("title"),
        addresses=entries.addresses(record),
        office=AccountId(record.text("odmailOfficeId").lower()) or None,
        telephones=record.texts("telephoneNumber"),
        faxes=record.texts("facsimileTelephoneNumber"),
        mobiles=record.texts("mobile"),
        home_phones=record.texts("homePhone"),
        expires=int(expires.timestamp()) if expires else 0,
        charges=entries.charges(record) if kind is ListingKind.POST else (),
        closed=fold(record.text("odmailSenders")) == "members",
        name_key=name_key(record.dn),
        members=tuple(name_key(each) for each in record.texts("member") if each != record.dn),
        outside=record.texts("odmailOutside"),
    )


def name_key(dn: str) -> str:
    """What two spellings of one name have in common, as a text."""
    if _ODD.search(dn) is None:
        return fold(dn)
    try:
        return ",".join(f"{attribute}={value}" for attribute, value in dn_key(dn))
    except Fault:
        return dn


_ODD = re.compile(r'[\\"+]|[,=] | [,=]')
_NAMES = {ListingKind.PERSON: "cn", ListingKind.LIST: "displayName", ListingKind.OFFICE: "displayName"}


def _name(record: Record, kind: ListingKind) -> str:
    if kind is ListingKind.POST:
        return record.text("title") or record.text("cn")
    return record.text("displayName") or record.text("cn") or record.text("ou") or record.text("uid")


def _portions(ids: Iterable[str]) -> Iterator[list[str]]:
    wanted = [each for each in ids if is_id(each)]
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]
