"""Finding entries by id, by address, by name; each answer cached until something changes."""

import re
from collections.abc import Iterable, Mapping, Sequence

from odcore.directory import entries
from odcore.directory.address import fold, normalize
from odcore.directory.cache import Cache
from odcore.directory.connection import Link
from odcore.directory.filters import Filter, contains, dn_key, equal, every, first_rdn, some
from odcore.directory.record import Record
from odcore.errors import Fault, Kind

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_AT_ONCE = 100  # members asked for in one search

PERSON, POST, OFFICE, GROUP, ALIAS, DOMAIN, DEVICE = (
    "inetOrgPerson",
    "odmailPost",
    "odmailUnit",
    "odmailGroup",
    "odmailAlias",
    "odmailDomain",
    "odmailDevicePassword",
)
"""The object class that tells what an entry is."""

MAIL_CLASSES = (PERSON, POST, GROUP, ALIAS)
_SEARCHED = ("cn", "sn", "givenName", "displayName", "title", "uid", "ou", "mail", "odmailAlternate", "mobile")


class Lookup:
    """Records out of the directory."""

    def __init__(self, link: Link, cache: Cache) -> None:
        self._link = link
        self._cache = cache

    def by_id(self, account: str) -> Record:
        """The entry with this entryUUID."""
        if not is_id(account):
            raise _missing(account)
        return self._cache.get(("id", account), lambda: self._one(equal("entryUUID", account), account))

    def by_address(self, address: str) -> Record:
        """The one entry that has this address. TRY_LATER when two claim it: mail must wait until that is settled."""
        key = normalize(address)
        return self._cache.get(("address", key), lambda: self._owner(key))

    def by_attribute(self, object_class: str, attribute: str, value: str) -> Record:
        """The entry of a class whose `attribute` is exactly `value`.

        The directory folds more than we do (spaces, full-width letters): what it found is compared once more.
        """
        return self._cache.get(
            (object_class, attribute, fold(value)), lambda: self._exact(object_class, attribute, value)
        )

    def by_name(self, dn: str) -> Record:
        """The entry with this DN."""
        return self._cache.get(("dn", dn_key(dn)), lambda: self._read(dn))

    def by_names(self, names: Iterable[str]) -> list[Record]:
        """The entries with these DNs, as far as there are any, in this order; many in one search."""
        parents: dict[str, list[tuple[str, str]]] = {}
        wanted = list(names)
        for dn in wanted:
            parents.setdefault(_parent(dn), []).append(first_rdn(dn))
        found: dict[object, Record] = {}
        for parent, parts in parents.items():
            for start in range(0, len(parts), _AT_ONCE):
                query = some(*(equal(attribute, value) for attribute, value in parts[start : start + _AT_ONCE]))
                found |= {
                    dn_key(each.dn): each for each in self._link.search(parent, query, entries.ATTRIBUTES, "LEVEL")
                }
        return [found[dn_key(dn)] for dn in wanted if dn_key(dn) in found]

    def claimants(self, address: str) -> list[Record]:
        """Every entry that has this address, asked afresh."""
        key = normalize(address)
        query = every(is_one_of(MAIL_CLASSES), some(equal("mail", key), equal("odmailAlternate", key)))
        found = self._link.search(self._link.base, query, entries.ATTRIBUTES)
        return [record for record in found if key in (_key(own) for own in entries.addresses(record))]

    def all(self, object_class: str, text: str = "", *conditions: Filter) -> list[Record]:
        """Entries of a class, those that hold `text` somewhere if it is given; asked afresh."""
        parts = [is_one_of((object_class,)), *conditions]
        if text:
            parts.append(_holding(text))
        found = self._link.search(self._link.base, every(*parts), entries.ATTRIBUTES)
        return [record for record in found if record.id]

    def some_of(self, classes: Sequence[str], text: str, most: int) -> list[Record]:
        """At most so many that hold `text` somewhere."""
        query = every(is_one_of(classes), _holding(text))
        return [each for each in self._link.search(self._link.base, query, entries.ATTRIBUTES, most=most) if each.id]

    def having(self, classes: Sequence[str], wanted: Mapping[str, Iterable[str]]) -> list[Record]:
        """Entries in which an attribute has one of the values wanted of it, asked afresh, many in one search."""
        conditions = [equal(attribute, value) for attribute, values in wanted.items() for value in values]
        found: dict[str, Record] = {}
        for start in range(0, len(conditions), _AT_ONCE):
            query = every(is_one_of(classes), some(*conditions[start : start + _AT_ONCE]))
            found |= {
                each.id: each for each in self._link.search(self._link.base, query, entries.ATTRIBUTES) if each.id
            }
        return list(found.values())

    def below(self, dn: str, object_class: str) -> list[Record]:
        """Entries of a class directly below another."""
        return self._link.search(dn, is_one_of((object_class,)), entries.ATTRIBUTES, "LEVEL")

    def verifiers(self, dn: str) -> list[Record]:
        """Device passwords directly below an entry, each with its SCRAM verifiers, which are never cached."""
        return self._link.search(dn, is_one_of((DEVICE,)), (*entries.ATTRIBUTES, "odmailScram"), "LEVEL")

    def token(self, name: str) -> Record:
        """The token with this id and the digest of its secret, never cached."""
        query = every(is_one_of((DEVICE,)), equal("cn", name))
        found = self._link.search(self._link.base, query, (*entries.ATTRIBUTES, "odmailDigest"))
        if len(found) != 1 or not found[0].text("odmailDigest"):
            raise _missing(name)
        return found[0]

    def octets(self, dn: str, attribute: str) -> bytes:
        """The first value of an attribute that is large and rarely wanted; b"" for none; never cached."""
        record = self._link.read(dn, (attribute,))
        values = record.attributes.get(attribute.lower(), []) if record else []
        return values[0] if values else b""

    def _one(self, query: Filter, name: str) -> Record:
        found = self._link.search(self._link.base, query, entries.ATTRIBUTES)
        if len(found) != 1:
            raise _missing(name)
        return found[0]

    def _owner(self, key: str) -> Record:
        found = self.claimants(key)
        if not found:
            raise _missing(key)
        if len(found) > 1:
            raise Fault(Kind.TRY_LATER, f"{key} belongs to more than one entry; odmail directory check tells which.")
        return found[0]

    def _exact(self, object_class: str, attribute: str, value: str) -> Record:
        query = every(is_one_of((object_class,)), equal(attribute, value))
        found = self._link.search(self._link.base, query, entries.ATTRIBUTES)
        same = [record for record in found if fold(value) in map(fold, record.texts(attribute))]
        if len(same) != 1:
            raise _missing(value)
        return same[0]

    def _read(self, dn: str) -> Record:
        record = self._link.read(dn, entries.ATTRIBUTES)
        if record is None:
            raise _missing(dn)
        return record


def _holding(text: str) -> Filter:
    return some(*(contains(attribute, text) for attribute in _SEARCHED), equal("employeeNumber", text))


def is_id(text: str) -> bool:
    """Has `text` the form of an entryUUID?"""
    return bool(_ID.match(text))


def is_one_of(classes: Sequence[str]) -> Filter:
    """Entries of these object classes."""
    return some(*(equal("objectClass", name) for name in classes))


def _key(address: str) -> str:
    try:
        return normalize(address)
    except Fault:
        return ""  # another tool wrote something that is no address


def _parent(dn: str) -> str:
    """Everything after the first comma that is not escaped."""
    return re.sub(r"\A(?:\\.|[^,\\])*,", "", dn, count=1, flags=re.DOTALL)


def _missing(name: str) -> Fault:
    return Fault(Kind.NOT_FOUND, f"The directory does not know {shown(name)}.")


def shown(text: str) -> str:
    """What was typed, short and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:80])
