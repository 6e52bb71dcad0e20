"""Composition of calendars, address books and files, on the foundation and without mail."""

from functools import cached_property

from odcore.directory.listing import Listings
from odcore.identity.api import Principal
from oddav.book.book import Book
from oddav.book.index import Index
from oddav.drive.store.drives import Drives
from oddav.drive.view import View
from oddav.feeds.subscribing import Subscribing
from oddav.ldap.tree import Tree
from oddav.push.keys import Keys
from oddav.push.offer import Offer
from oddav.radicale.visit import House as DavHouse
from oddav.scheduling.freebusy import FreeBusy
from oddav.scheduling.implicit import Implicit
from oddav.scheduling.mailed import Mailed
from oddav.scheduling.pending import Pending
from oddav.scheduling.users import Users
from oddav.search.index import Cards
from oddav.store.store import Store as Collections
from odsuite.foundation import Foundation


class Groupware(Foundation):
    """Each part made when first asked for."""

    @cached_property
    def collections(self) -> Collections:
        """All calendars and address books."""
        settings = self.settings
        return self._keep(
            Collections(self.root / "accounts", settings.mailbox.open_accounts, settings.time_zone.zone, self.publish)
        )

    @cached_property
    def calendar_users(self) -> Users:
        """Who can be invited."""
        return Users(self.directory)

    @property
    def pending(self) -> Pending:
        """Where invitations wait to be carried."""
        return Pending(self.root / "scheduling" / "pending")

    @property
    def implicit(self) -> Implicit:
        """Invites along with a writing."""
        return Implicit(self.calendar_users, self.pending, self.publish)

    @property
    def free_busy(self) -> FreeBusy:
        """Tells when people have time."""
        return FreeBusy(self.collections, self.calendar_users)

    @property
    def dav_house(self) -> DavHouse:
        """What calendars and address books need, for all who sign in."""
        return DavHouse(
            store=self.collections,
            access=self.access,
            sharing=self.collection_sharing,
            users=self.calendar_users,
            implicit=self.implicit,
            free_busy=self.free_busy,
            find=self.directory.find,
            record=self.trail.record,
            delegates=self.settings.sharing.delegates,
            cards=self.card_index,
            push=self._push,
            book=self.book,
            subscribe=self.subscribing.subscribe,
        )

    @cached_property
    def book(self) -> Book:
        """The directory book, as people see it."""
        return Book(self.book_index, self.listings, self.directory, self.access)

    @property
    def tree(self) -> Tree:
        """The same as LDAP has it."""
        return Tree(self.book, self.directory.default_domain)

    @property
    def subscribers(self) -> Pending:
        """Who has subscribed to calendars from outside."""
        return Pending(self.root / "subscribers")

    @property
    def subscribing(self) -> Subscribing:
        """To such calendars."""
        return Subscribing(self.settings.subscriptions, self.subscribers)

    @cached_property
    def card_index(self) -> Cards:
        """What is in people's own address books."""
        return self._keep(Cards(self.root / "accounts"))

    @property
    def _push(self) -> Offer | None:
        """What devices may ask for; None where nothing is pushed."""
        services = self.settings.push.services
        return Offer(self.push_keys.public, services, self.push_subscribers.mark) if services else None

    @cached_property
    def push_keys(self) -> Keys:
        """What they know us by."""
        return Keys(self.root / "keys" / "push.pem")

    @property
    def push_subscribers(self) -> Pending:
        """The accounts that somebody wants to hear of."""
        return Pending(self.root / "push")

    @cached_property
    def book_index(self) -> Index:
        """The directory book."""
        return self._keep(Index(self.root / "book"))

    @property
    def listings(self) -> Listings:
        """What it is made of."""
        return Listings(self.link)

    @property
    def mailed(self) -> Mailed:
        """Invitations that came by mail."""
        return Mailed(self.root / "scheduling" / "mailed", self.publish)

    @cached_property
    def drives(self) -> Drives:
        """All files."""
        return self._keep(Drives(self.root / "accounts", self.settings.drive))

    def drive_view(self, principal: Principal) -> View:
        """The files somebody who signed in sees."""
        return View(self.drives, self.access.posts, self.file_sharing, principal, self.sign_in.still_valid)
