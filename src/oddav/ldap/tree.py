"""The directory book as a tree: one naming context with everybody right below it.  RFC 4512, RFC 2247

Its name is made of the first domain of the house. An entry is named by its address, which is one's for life.
"""

from collections.abc import Callable

from odcore.directory.filters import child, dn_key, first_rdn
from odcore.directory.listing import Listing
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from oddav.book.book import MOST, Book, Found, Viewer
from oddav.book.card import one_line
from oddav.contacts.searching import folded
from oddav.ldap.attributes import CLASSES, PHOTO, chosen, known, wants_photo
from oddav.ldap.filters import Values, holds, narrow
from oddav.ldap.types import Code, Entry, Equal, Refused, Scope, Search
from oddav.ldap.verbs.extended import WHO_AM_I
from oddav.ldap.writer import PAGES
from oddav.trigrams.narrow import Holds

_FEATURES = (
    "1.3.6.1.4.1.4203.1.5.1",  # all operational attributes.  RFC 3673
    "1.3.6.1.4.1.4203.1.5.3",  # filters that are always true or false.  RFC 4526
    "1.3.6.1.4.1.4203.1.5.4",  # options that are languages.  RFC 3866
)
_NAMES_OF_LOGINS = ("uid", "mail", "cn")
_SECONDS = 14
"""Digits of a time to the second."""


class Tree:
    """See `oddav.ldap.ports.Tree`."""

    def __init__(self, book: Book, domain: Callable[[], str]) -> None:
        self._book = book
        self._domain = domain

    @property
    def base(self) -> str:
        """The naming context. Fault TRY_LATER before the house has a domain."""
        return naming_context(self._domain())

    def root(self, search: Search) -> list[Entry]:
        """The root DSE.  RFC 4512 5.1"""
        values = {
            "objectClass": ("top",),
            "namingContexts": (self.base,),
            "supportedLDAPVersion": ("3",),
            "supportedControl": (PAGES,),
            "supportedExtension": (WHO_AM_I,),
            "supportedFeatures": _FEATURES,
            "vendorName": ("odmail",),
        }
        return [_entry("", values, search)] if holds(search.filter, values) else []

    def login(self, name: str) -> str:
        """A login as everywhere, or what is right at the front of a name in this tree."""
        try:
            attribute, value = first_rdn(name)
            below = dn_key(name)[1:]
        except Fault:
            return name
        found, _ = known(attribute)
        base = dn_key(self.base)
        is_ours = found is not None and found.name in _NAMES_OF_LOGINS and below[-len(base) :] == base
        return value if is_ours else name

    def search(self, principal: Principal, search: Search) -> tuple[list[Entry], bool]:
        """Below the whole, or of one entry."""
        viewer = self._book.viewer(principal)
        address = self._address(search.base)
        if address is not None:
            one = self._one(viewer, search.base, address)
            fits = search.scope is not Scope.ONE_LEVEL and holds(search.filter, values_of(one, viewer))
            return self._told(viewer, [one] if fits else [], search), False
        own = self._own(search) if search.scope is not Scope.ONE_LEVEL else []
        if search.scope is Scope.BASE:
            return own, False

        def fitting(found: Found) -> bool:
            return bool(found.entry.addresses and holds(search.filter, values_of(found, viewer)))

        most = min(search.size or MOST, MOST)
        found, more = self._book.find(viewer, narrow(search.filter, viewer.numbers), fitting, most)
        told = [*own, *self._told(viewer, found, search)]
        return told[:most], more or len(told) > most

    def compare(self, principal: Principal, name: str, attribute: str, value: str) -> bool | None:
        """One value of one entry."""
        viewer = self._book.viewer(principal)
        address = self._address(name)
        if address is None:
            raise Refused(Code.UNWILLING_TO_PERFORM, "That is no entry of the book.")
        return holds(Equal(attribute, value), values_of(self._one(viewer, name, address), viewer))

    def _address(self, name: str) -> str | None:
        """Of the entry that a name is of; None for the whole. Who leaves the name out means the whole, too."""
        if not name:
            return None
        try:
            key, base = dn_key(name), dn_key(self.base)
        except Fault as fault:
            if fault.kind is Kind.TRY_LATER:
                raise
            raise Refused(Code.INVALID_DN_SYNTAX, fault.text) from None
        if key == base:
            return None
        below = key[: -len(base)] if key[-len(base) :] == base else ()
        attribute = known(below[0][0])[0] if len(below) == 1 else None
        if attribute is None or attribute.name != "mail":
            raise Refused(Code.NO_SUCH_OBJECT, f"There is only {self.base}.", self.base if below else "")
        return below[0][1]

    def _one(self, viewer: Viewer, name: str, address: str) -> Found:
        """Refused when it is not there, or this person may not see it."""

        def is_it(found: Found) -> bool:
            return bool(found.entry.addresses) and dn_key(self._name(found.entry)) == dn_key(name)

        found, _ = self._book.find(viewer, Holds(("email",), folded("", address)), is_it, 1)
        if not found:
            raise Refused(Code.NO_SUCH_OBJECT, "There is no such entry.", self.base)
        return found[0]

    def _own(self, search: Search) -> list[Entry]:
        """The naming context's own entry."""
        base = self.base
        values = {"objectClass": ("top", "domain"), "dc": (first_rdn(base)[1],)}
        return [_entry(base, values, search)] if holds(search.filter, values) else []

    def _told(self, viewer: Viewer, found: list[Found], search: Search) -> list[Entry]:
        if wants_photo(search.attributes):
            found = self._book.complete(found)
        return [_entry(self._name(each.entry), values_of(each, viewer), search, each.around.photo) for each in found]

    def _name(self, entry: Listing) -> str:
        return child("mail", entry.addresses[0], self.base)


def naming_context(domain: str) -> str:
    """`dc=odisha,dc=example`. Fault TRY_LATER for none."""
    if not domain:
        raise Fault(Kind.TRY_LATER, "The directory has no domain yet.")
    return ",".join(f"dc={label}" for label in domain.split("."))


def values_of(found: Found, viewer: Viewer) -> dict[str, tuple[str, ...]]:
    """What this person may know. The innermost office comes first."""
    entry = found.entry
    offices = found.around.offices[::-1]
    private = viewer.sees(entry)
    held = ", ".join(name for _, name in found.around.holders)
    values: dict[str, tuple[str, ...]] = {
        "objectClass": CLASSES,
        "cn": (entry.name,),
        **{f"cn;lang-{language}": (name,) for language, name in sorted(entry.names.items())},
        "sn": (entry.family_name or entry.name,),
        "givenName": (entry.given_name,),
        "displayName": (entry.name,),
        "mail": entry.addresses,
        "uid": tuple(each.partition("@")[0] for each in entry.addresses[:1]),
        "title": (entry.title,),
        "ou": offices,
        "o": offices[-1:],
        "physicalDeliveryOfficeName": offices[:1],
        "department": offices[:1],
        "company": offices[-1:],
        "telephoneNumber": entry.telephones,
        "facsimileTelephoneNumber": entry.faxes,
        "mobile": entry.mobiles if private else (),
        "homePhone": entry.home_phones if private else (),
        "description": (f"Held by {held}" if held else "",),
        "entryUUID": (entry.id,),
        "modifyTimestamp": (f"{entry.stamp[:_SECONDS]}Z",) if entry.stamp[:_SECONDS].isdigit() else (),
    }
    return {name: told for name, given in values.items() if (told := tuple(filter(None, map(one_line, given))))}


def _entry(name: str, values: Values, search: Search, photo: bytes = b"") -> Entry:
    octets = {each: tuple(value.encode() for value in told) for each, told in values.items()}
    if photo:
        octets[PHOTO] = (photo,)
    return Entry(name, chosen(octets, search.attributes))
