"""The attributes of entries in the directory book: their names, and by which columns of the index they are found.

RFC 4519, RFC 2798, RFC 4524; `department` and `company` are what Outlook calls them.
"""

from collections.abc import Iterable, Mapping

import msgspec

CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson")
"""Of everybody: posts and lists, too, for that is what address books ask for."""

PHOTO = "jpegPhoto"

_NONE, _USER, _OPERATIONAL = "1.1", "*", "+"


class Attribute(msgspec.Struct, frozen=True):
    """One type. Without columns nobody is found by it, unless all have the same values."""

    name: str
    aliases: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    number: bool = False  # compared by its digits
    same: tuple[str, ...] = ()
    operational: bool = False

    @property
    def searched(self) -> bool:
        """Can it be told who has a value of it?"""
        return bool(self.columns or self.same)


_ALL = (
    Attribute("objectClass", ("2.5.4.0",), same=CLASSES),
    Attribute("cn", ("commonName", "2.5.4.3"), ("name",)),
    Attribute("sn", ("surname", "2.5.4.4"), ("name",)),
    Attribute("givenName", ("gn", "2.5.4.42"), ("name",)),
    Attribute("displayName", ("2.16.840.1.113730.3.1.241",), ("name",)),
    Attribute("mail", ("rfc822Mailbox", "0.9.2342.19200300.100.1.3"), ("email",)),
    Attribute("uid", ("userid", "0.9.2342.19200300.100.1.1"), ("email",)),
    Attribute("title", ("2.5.4.12",), ("title",)),
    Attribute("ou", ("organizationalUnitName", "2.5.4.11"), ("org",)),
    Attribute("o", ("organizationName", "2.5.4.10"), ("org",)),
    Attribute("physicalDeliveryOfficeName", ("2.5.4.19",), ("org",)),
    Attribute("department", (), ("org",)),
    Attribute("company", (), ("org",)),
    Attribute("telephoneNumber", ("2.5.4.20",), ("tel",), number=True),
    Attribute("facsimileTelephoneNumber", ("fax", "2.5.4.23"), ("tel",), number=True),
    Attribute("mobile", ("mobileTelephoneNumber", "0.9.2342.19200300.100.1.41"), ("private",), number=True),
    Attribute("homePhone", ("homeTelephoneNumber", "0.9.2342.19200300.100.1.20"), ("private",), number=True),
    Attribute("description", ("2.5.4.13",)),
    Attribute(PHOTO, ("0.9.2342.19200300.100.1.60",)),
    Attribute("dc", ("domainComponent", "0.9.2342.19200300.100.1.25")),
    Attribute("entryUUID", ("1.3.6.1.1.16.4",), operational=True),
    Attribute("modifyTimestamp", ("2.5.18.2",), operational=True),
)

_BY_NAME = {name.lower(): each for each in _ALL for name in (each.name, *each.aliases)}


def known(description: str) -> tuple[Attribute | None, frozenset[str]]:
    """The type that a description names, and its options (RFC 3866), in small letters."""
    name, *options = description.lower().split(";")
    return _BY_NAME.get(name), frozenset(options)


def described(description: str, values: Iterable[str]) -> list[str]:
    """Which of these descriptions are of that type or one below it: `cn;lang-or` is a `cn`.  RFC 4512 2.5.2"""
    return [each for each in values if _is_below(each, description)]


def chosen(values: Mapping[str, tuple[bytes, ...]], wanted: tuple[str, ...]) -> dict[str, tuple[bytes, ...]]:
    """What was asked for.  RFC 4511 4.5.1.8, RFC 3673"""
    return {name: found for name, found in values.items() if _is_wanted(name, wanted)}


def wants_photo(wanted: tuple[str, ...]) -> bool:
    """Is it worth a look at it?"""
    return _is_wanted(PHOTO, wanted)


def _is_wanted(description: str, wanted: tuple[str, ...]) -> bool:
    attribute, _ = known(description)
    whole = _OPERATIONAL if attribute is not None and attribute.operational else _USER
    asked = wanted or (_USER,)
    return whole in asked or any(_is_below(description, each) for each in asked if each != _NONE)


def _is_below(description: str, asked: str) -> bool:
    (mine, options), (theirs, their_options) = known(description), known(asked)
    if mine is None or theirs is None:
        return description.lower() == asked.lower()
    return mine is theirs and their_options <= options
