"""The directory book over a running slapd, asked as the gateway would ask after sign-in."""

from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

from odcore.directory.listing import Listings
from odcore.identity.access import DirectoryAccess
from odcore.identity.api import Principal
from odcore.sharing.register import SqliteRegister
from oddav.book.allowance import Allowance
from oddav.book.book import Book
from oddav.book.follow import Follower
from oddav.book.index import Index
from oddav.ldap.tree import Tree
from oddav.ldap.types import Entry, Filter, Present, Scope, Search
from oddav.radicale.app import app
from oddav.radicale.visit import House
from oddav.search.index import Cards
from oddav.store.store import Store
from odtest import asked, slapd

PATH = "/directory/people/"
EVERYBODY = Present("objectClass")
_CARD = "{urn:ietf:params:xml:ns:carddav}"


class Library:
    """The book and what keeps it."""

    def __init__(self, house: slapd.House, folder: Path) -> None:
        self.house = house
        self.index = Index(folder / "book")
        self.follower = Follower(self.index, Listings(house.link))
        register = SqliteRegister(folder / "sharing", lambda _: None)
        access = DirectoryAccess(house.directory, register)
        book = self._book = Book(self.index, Listings(house.link), house.directory, access)
        self.tree = Tree(book, house.directory.default_domain)
        nothing = SimpleNamespace(around=lambda _: ((), ()))
        store = Store(folder / "accounts", 8, UTC)
        cards = Cards(folder / "accounts")
        self._app = app(House(store, access, nothing, None, None, None, None, None, 0, book, None, cards))

    def unlimited(self) -> None:
        """One person searches on behalf of many."""
        self._book.searches = self._book.cards = Allowance(float("inf"), 0.0)

    def ask(self, uid: str, method: str, path: str = PATH, body: str = "", **headers: str) -> SimpleNamespace:
        person = self.house.directory.person(uid)
        principal = Principal(person, self.house.directory.account(person.id))
        answer = asked.ask(self._app, principal, method, path, body, **headers)
        return SimpleNamespace(**vars(answer), text=answer.octets.decode().replace("\r\n ", ""))

    def found(self, uid: str, filters: str, version: str = "4.0", more: str = "") -> list[str]:
        """The cards that a query answers, unfolded."""
        answer = self.ask(uid, "REPORT", body=query(filters, version, more))
        assert answer.status == 207, answer.text
        return [
            (each.text or "").replace("\r\n ", "").replace("\r\n", "\n")
            for each in ElementTree.fromstring(answer.text).iter(f"{_CARD}address-data")
        ]

    def by_ldap(self, uid: str, base: str = "", scope: Scope = Scope.SUBTREE, asked: Filter = EVERYBODY) -> list[Entry]:
        """What a search by LDAP tells a person."""
        person = self.house.directory.person(uid)
        principal = Principal(person, self.house.directory.account(person.id))
        found, _ = self.tree.search(principal, Search(base, scope, 0, False, asked, ()))
        return [each for each in found if each.name.startswith("mail=")]

    def names(self, uid: str, name: str, text: str, how: str = "contains") -> set[str]:
        """The first names of the cards in which a property has a text."""
        cards = self.found(uid, holds(name, text, how))
        return {
            line.partition(":")[2]
            for card in cards
            for line in [next(x for x in card.split("\n") if x.startswith("FN"))]
        }


def query(filters: str, version: str = "4.0", more: str = "") -> str:
    return (
        '<CR:addressbook-query xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/>'
        f'<CR:address-data content-type="text/vcard" version="{version}"/></D:prop>'
        f"<CR:filter>{filters}</CR:filter>{more}</CR:addressbook-query>"
    )


def holds(name: str, text: str, how: str = "contains") -> str:
    return f'<CR:prop-filter name="{name}"><CR:text-match match-type="{how}">{text}</CR:text-match></CR:prop-filter>'
