"""Calendars of a small office through the gateway's door: people who invite each other, and one who carries."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odcore.directory.model import AccountKind, AccountRef, Charge, Group, Local, Outside, Person, Post, Resolved
from odcore.directory.model import Office as Office_
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sharing.access import DirectorySharing
from odcore.sharing.api import COLLECTIONS
from odcore.sharing.register import SqliteRegister
from oddav.feeds.settings import SubscriptionSettings
from oddav.feeds.subscribing import Subscribing
from oddav.radicale.app import app
from oddav.radicale.visit import House
from oddav.scheduling.carrier import Carrier
from oddav.scheduling.freebusy import FreeBusy
from oddav.scheduling.implicit import Implicit
from oddav.scheduling.mailed import Mailed
from oddav.scheduling.pending import Pending
from oddav.scheduling.users import Users
from oddav.search.index import Cards
from oddav.store.store import Store
from odtest import asked

_POSTS = {"desk": ("The Desk", ""), "hall": ("The Hall", "ROOM")}


class Outbox:
    """What leaves the office."""

    def __init__(self):
        self.sent = {}

    def send(self, user, each, octets):
        self.sent[each.id, each.recipient] = (user.addresses[0], each.method, octets.decode())


def house_of(store, directory, register, scheduling, users, trail, cards, push=None):
    """Put together as the suite does; `trail` hears of what is audited. `directory` also says who holds which post."""
    sharing = DirectorySharing(directory, register, directory, COLLECTIONS)

    def record(event, actor, subject, **facts):
        trail.append((event, actor, subject, facts))

    subscribing = Subscribing(SubscriptionSettings(("feed.example",)), Pending(store._folder / "subscribers"))
    return House(
        store=store,
        access=directory,
        sharing=sharing,
        users=users,
        implicit=scheduling,
        free_busy=FreeBusy(store, users),
        find=directory.find,
        record=record,
        delegates=2,
        book=None,
        subscribe=subscribing.subscribe,
        cards=cards,
        push=push,
    )


class Office:
    """Persons by their first names; each has the address NAME@x. The post desk@x is held by anna; hall@x is a room."""

    def __init__(self, folder, names=("anna", "bibhuti", "chitra", "dipti"), push=None):
        self.names = names
        self.ids = {name: f"{number}" * 8 + "-1111-1111-1111-111111111111" for number, name in enumerate(names, 1)}
        self.ids |= {name: f"9999999{at}-1111-1111-1111-111111111111" for at, name in enumerate(_POSTS)}
        self.away = False
        self.quota = 0
        self.languages = {}
        self.store = Store(folder, 50, ZoneInfo("Asia/Kolkata"))
        self.outbox = Outbox()
        pending = Pending(folder / "pending")
        users = Users(self)
        self.mailed = Mailed(folder / "mailed", lambda _: None)
        self.carrier = Carrier(self.store, users, pending, self.outbox, self.mailed)
        self.scheduling = Implicit(users, pending, lambda _: None)
        self.trail = []
        self.cards = Cards(folder)
        self.holder = "anna"
        self.register = SqliteRegister(folder / "sharing", lambda _: None)
        self.house = house_of(self.store, self, self.register, self.scheduling, users, self.trail, self.cards, push)
        self._app = app(self.house)

    # The directory and the rights, as far as calendars ask them.

    def posts(self, principal):
        return (self.post("desk"),) if principal.person.uid == self.holder else ()

    def resolve(self, address):
        if self.away:
            raise Fault(Kind.TRY_LATER, "The directory is away.")
        name, _, domain = address.partition("@")
        if domain != "x":
            return Resolved((), (Outside(address),))
        if name not in self.ids:
            raise Fault(Kind.NOT_FOUND, "No such address.")
        return Resolved((Local(address, self.account(self.ids[name])),))

    def account(self, id):
        name = self._name(id)
        return AccountRef(id, AccountKind.POST if name in _POSTS else AccountKind.PERSON, f"{name}@x", name.title())

    def person(self, key):
        name = self._name(key)
        if name in _POSTS:
            raise Fault(Kind.NOT_FOUND, "No such person.")
        office = "revenue" if name in ("anna", "bibhuti") else None
        return Person(
            self.ids[name],
            "",
            name,
            name.title(),
            (f"{name}@x",),
            language=self.languages.get(name, "en"),
            office=office,
            quota=self.quota,
        )

    def post(self, key):
        name = self._name(key)
        if name not in _POSTS:
            raise Fault(Kind.NOT_FOUND, "No such post.")
        title, kind = _POSTS[name]
        charge = Charge(self.ids[self.holder], datetime(2020, 1, 1, tzinfo=UTC))
        return Post(
            self.ids[name], "", name, title, (f"{name}@x",), charges=(charge,), calendar_user=kind, booking_days=30
        )

    def find(self, text, most):
        entries = [self.post(name) if name in _POSTS else self.person(name) for name in self.ids]
        return [each for each in entries if text.lower() in repr(each).lower()][:most]

    def office(self, key):
        return Office_(id=key, dn="", ou=key, name=key.title(), parent="state" if key == "revenue" else None)

    def groups_of(self, account):
        return frozenset({"all"} if account == self.ids["chitra"] else ())

    def group(self, key):
        if key != "all":
            raise Fault(Kind.NOT_FOUND, "No such group.")
        return Group("all", "", "all", "All", (), (self.ids["chitra"],))

    def _name(self, key):
        """By id, name or address."""
        names = {each: name for name, each in self.ids.items()} | {f"{name}@x": name for name in self.ids}
        name = names.get(key, key)
        if name not in self.ids:
            raise Fault(Kind.NOT_FOUND, "Nobody of that name.")
        return name

    # What apps do.

    def ask(self, name, method, path, body=b"", **headers):
        """A request as `name`; the path begins in their own home, unless it begins with a slash."""
        person = self.person(self.ids[name])
        headers.setdefault("content_type", "text/calendar; charset=utf-8")
        whole = path if path.startswith("/") else f"/{self.ids[name]}/{path}"
        return asked.ask(self._app, Principal(person, self.account(person.id)), method, whole, body, **headers)

    def carry(self):
        """Until nothing is on its way."""
        for _ in range(5):
            self.carrier.take_in()
            self.carrier.sweep()

    def kept(self, name, uid, calendar="calendar"):
        """The text of somebody's copy, unfolded; "" for none."""
        home = self.store.open(self.ids[name], self.carrier._users.account(self.ids[name]).first)
        with home.view() as view:
            items = [each for each in view.items(view.collection(calendar)) if each.uid == uid]
            return view.octets(items)[items[0].item].decode().replace("\r\n ", "") if items else ""

    def href(self, name, uid, calendar="calendar"):
        """Where somebody's copy is."""
        home = self.store.open(self.ids[name], ())
        with home.view() as view:
            return next(f"{calendar}/{each.href}" for each in view.items(view.collection(calendar)) if each.uid == uid)

    def noted(self, name):
        """The methods of what lies in somebody's inbox, the oldest first."""
        home = self.store.open(self.ids[name], self.carrier._users.account(self.ids[name]).first)
        with home.view() as view:
            items = sorted(view.items(view.collection("inbox")), key=lambda each: each.modseq)
            octets = view.octets(items)
        return [octets[each.item].decode().partition("METHOD:")[2].partition("\r\n")[0] for each in items]

    def says(self, name, uid, of, calendar="calendar"):
        """What somebody's copy says of another's standing."""
        lines = [
            each for each in self.kept(name, uid, calendar).split("\r\n") if each.lower().endswith(f":mailto:{of}")
        ]
        line = next((each for each in lines if each.startswith("ATTENDEE")), "")
        return line.partition("PARTSTAT=")[2].partition(";")[0].partition(":")[0]

    def close(self):
        """Every account keeps its invariants."""
        found = {each: self.store.breaches(each) for each in self.store.accounts()}
        self.store.close()
        self.cards.close()
        self.register.close()
        assert not any(found.values()), found


def event(uid="e", organizer="anna@x", invited=("bibhuti@x",), start="20260105T100000", more="", parts="", sequence=0):
    """An hour in Bhubaneswar; `parts` are further VEVENTs."""
    lines = "".join(f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{each}\r\n" for each in invited)
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Asia/Kolkata:{start}\r\nDURATION:PT1H\r\n"
        f"SUMMARY:Review\r\nSEQUENCE:{sequence}\r\nORGANIZER;CN=Anna:mailto:{organizer}\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\r\n{lines}{more}END:VEVENT\r\n{parts}END:VCALENDAR\r\n"
    )


def calendar_of(component):
    """The body of a MKCALENDAR for a calendar that holds only these."""
    return (
        '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>'
        f'<C:supported-calendar-component-set><C:comp name="{component}"/></C:supported-calendar-component-set>'
        "</D:prop></D:set></C:mkcalendar>"
    )
