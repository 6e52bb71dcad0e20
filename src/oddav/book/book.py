"""The directory book as one person sees it: who is in it, and which numbers."""

from collections.abc import Callable, Iterable

import msgspec

from odcore.directory.ldap import LdapDirectory
from odcore.directory.listing import Listing, Listings
from odcore.identity.api import Access, Principal
from odcore.identity.rights import memberships, sees_numbers
from odcore.ids import AccountId
from oddav.book.allowance import Allowance
from oddav.book.card import Around, card
from oddav.book.index import Index, Reading
from oddav.content import Component
from oddav.trigrams.narrow import Narrow

MOST = 100
"""Cards of one answer."""

_LOOKS = 2_000
"""Candidates looked at for one answer."""

_MOST_MEMBERS = 1_000


class Viewer(msgspec.Struct, frozen=True):
    """Who looks."""

    person: AccountId
    groups: frozenset[AccountId]  # they, or posts they hold, are members of
    numbers: bool  # sees everybody's private numbers

    def sees(self, entry: Listing) -> bool:
        """The private numbers of this entry: everybody sees their own."""
        return self.numbers or entry.id == self.person


class Found(msgspec.Struct, frozen=True):
    """An entry and what its card tells of others."""

    entry: Listing
    around: Around


class Book:
    """What all who look share."""

    def __init__(self, index: Index, listings: Listings, directory: LdapDirectory, access: Access) -> None:
        self._index = index
        self._listings = listings
        self._directory = directory
        self._access = access
        self.searches = Allowance(120, 1.0)
        self.cards = Allowance(3_000, 0.05)

    def viewer(self, principal: Principal) -> Viewer:
        """Asks the directory, which remembers for minutes."""
        groups = memberships(self._directory, self._access, principal)
        return Viewer(principal.person.id, groups, sees_numbers(self._directory, groups))

    def find(
        self, viewer: Viewer, narrow: Narrow | bool, fits: Callable[[Found], bool], most: int
    ) -> tuple[list[Found], bool]:
        """Those that fit, as the viewer sees them; and whether there may be more. Faults LIMIT, TRY_LATER."""
        self.searches.spend(viewer.person, 1)
        self.cards.spend(viewer.person, 0)

        def look(reading: Reading, entry: Listing) -> bool:
            return fits(Found(entry, reading.around(entry)))

        entries, more = self._index.find(narrow, viewer.groups, look, min(most, MOST), _LOOKS)
        return self._told(viewer, entries), more

    def named(self, viewer: Viewer, ids: Iterable[str]) -> list[Found]:
        """Those of these that the viewer may see. Faults LIMIT, TRY_LATER."""
        return self._told(viewer, self._index.named(ids, viewer.groups))

    def complete(self, found: list[Found]) -> list[Found]:
        """With photographs and members, which only whole cards have."""
        photos = self._listings.photos(each.entry.id for each in found)
        return [
            Found(
                each.entry,
                msgspec.structs.replace(
                    each.around,
                    photo=photos.get(each.entry.id, b""),
                    members=self._index.members(each.entry, _MOST_MEMBERS),
                ),
            )
            for each in found
        ]

    def _told(self, viewer: Viewer, entries: list[Listing]) -> list[Found]:
        self.cards.spend(viewer.person, len(entries))
        return [Found(entry, around) for entry, around in zip(entries, self._index.around(entries), strict=True)]


def written(found: Found, version: str, viewer: Viewer) -> Component:
    """The card as the viewer sees it."""
    return card(found.entry, found.around, version, viewer.sees(found.entry))
