"""A post room for delivery tests: real queue and stores in a temporary folder; directory, DNS and peers from memory."""

from collections.abc import Callable
from pathlib import Path

from odcore.blob.incoming import Memory
from odcore.directory.model import (
    AccountKind,
    AccountRef,
    Charge,
    Domain,
    FormerRule,
    Local,
    Outside,
    Person,
    Post,
    Resolved,
)
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.ids import AccountId
from odcore.net.dns import Mx, Resolver, Tlsa
from odmail.delivery.alarm import Alarm
from odmail.delivery.departure import Departure
from odmail.delivery.filtering import Filtering
from odmail.delivery.former import Former
from odmail.delivery.gates import Desk, Fullness, LmtpGate, MxGate, SubmissionGate
from odmail.delivery.inspection import Inspection
from odmail.delivery.letters import Letters
from odmail.delivery.local import LocalDelivery
from odmail.delivery.moderation import Moderation
from odmail.delivery.outgoing import Outgoing
from odmail.delivery.pace import Pace
from odmail.delivery.pipeline import Pipeline
from odmail.delivery.ports import Outcome, Session, Shipment
from odmail.delivery.programs import Programs, SiteScripts
from odmail.delivery.reach import Reach
from odmail.delivery.remote import RemoteDelivery
from odmail.delivery.settings import DeliverySettings
from odmail.delivery.settlement import Settlement
from odmail.delivery.srs import Rewriter
from odmail.delivery.unsubscribing import Unsubscribing
from odmail.filter import checks
from odmail.filter.check import Tools
from odmail.filter.memory import Memory as Memories
from odmail.filter.settings import FilterSettings
from odmail.history.store import History
from odmail.mailbox.api import Fetch
from odmail.mailbox.model import Need
from odmail.mailbox.store import Store
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odmail.queue.settings import QueueSettings
from odmail.queue.store import SqliteQueue
from odmail.reports.intake import Intake
from odmail.reports.store import Reports
from odmail.reports.tally import Tally
from odmail.tenure.settings import TenureSettings
from odmail.transport.policies import Policies
from odmail.trust.dkim_keys import Keys
from odmail.trust.dkim_sign import Signer
from odmail.trust.examine import House

HOST = "mail.odisha.example"
MX = Origin("mx", address="192.0.2.7", helo="mx.peer.example")


def account(number: int, name: str, kind: AccountKind = AccountKind.PERSON) -> AccountRef:
    return AccountRef(AccountId(f"{number:08x}-0000-4000-8000-{number:012x}"), kind, f"{name}@odisha.example", name)


SASMITA = account(1, "sasmita.nayak")
BIBHU = account(2, "bibhu.das")
COLLECTOR = account(101, "collector.khordha", AccountKind.POST)


def principal(ref: AccountRef) -> Principal:
    uid = ref.address.partition("@")[0]
    return Principal(Person(ref.id, f"uid={uid}", uid, ref.name, (ref.address,)), ref)


class Town:
    """The directory: accounts, aliases and lists by address; `Local` details by "+"."""

    def __init__(self) -> None:
        self.accounts = {each.address: each for each in (SASMITA, BIBHU, COLLECTOR)}
        self.aliases: dict[str, tuple[str, ...]] = {}
        self.owners: dict[str, str] = {}  # of lists
        self.senders: dict[str, str] = {}  # likewise: who may send to them
        self.plain: set[str] = set()  # aliases for several that are no lists
        self.languages: dict[str, str] = {}  # by address
        self.spoken: tuple[str, ...] = ()  # in the domain
        self.charges: tuple[Charge, ...] = ()  # of every post
        self.former: FormerRule | None = None  # likewise
        self.down = False
        self._listeners: list[Callable[[frozenset[AccountId]], None]] = []

    def on_change(self, call: Callable[[frozenset[AccountId]], None]) -> None:
        self._listeners.append(call)

    def changed(self) -> None:
        """As the directory's watch tells it."""
        for call in self._listeners:
            call(frozenset())

    def domains(self) -> tuple[Domain, ...]:
        self._answer()
        return (Domain(AccountId("d"), "o=d", "odisha.example", default=True, languages=self.spoken),)

    def is_ours(self, domain: str) -> bool:
        self._answer()
        return domain == "odisha.example"

    def posts(self, signed_in: Principal) -> tuple[Post, ...]:
        return ()

    def person(self, key: str) -> Person:
        self._answer()
        for each in self.accounts.values():
            if key in (each.id, each.address) and each.kind is AccountKind.PERSON:
                uid = each.address.partition("@")[0]
                addresses, language = (each.address, f"{uid}@ocac.example"), self.languages.get(each.address, "")
                return Person(each.id, f"uid={uid}", uid, each.name, addresses, language=language)
        raise Fault(Kind.NOT_FOUND, "nobody")

    def post(self, key: str) -> Post:
        self._answer()
        each = next(each for each in self.accounts.values() if each.id == key)
        return Post(
            each.id,
            f"cn={each.name}",
            each.name,
            "Collector, Khordha",
            (each.address,),
            charges=self.charges,
            former=self.former,
        )

    def resolve(self, address: str) -> Resolved:
        self._answer()
        local: dict[str, Local] = {}
        outside: dict[str, Outside] = {}
        self._follow(address.lower(), local, outside, set())
        if not local and not outside:
            raise Fault(Kind.NOT_FOUND, "No such user here.")
        key = self._listed(address.lower())
        listed = address if len(self.aliases.get(key, ())) > 1 else ""
        owner = self.owners.get(key, "")
        senders = self.senders.get(key, "anybody")
        group = "" if key in self.plain else listed or (owner and address)
        return Resolved(tuple(local.values()), tuple(outside.values()), group, owner, senders)

    def _listed(self, address: str) -> str:
        """A list with a detail is that list."""
        name, _, domain = address.rpartition("@")
        return address if address in self.aliases else f"{name.partition('+')[0]}@{domain}"

    def _follow(self, address: str, local: dict, outside: dict, seen: set) -> None:
        if address in seen:
            return
        seen.add(address)
        name, _, domain = address.rpartition("@")
        plain, _, detail = name.partition("+")
        if not self.is_ours(domain):
            outside[address] = Outside(address)
        for target in self.aliases.get(self._listed(address), ()):
            self._follow(target, local, outside, seen)
        found = self.accounts.get(f"{plain}@{domain}")
        if found is not None:
            local.setdefault(found.id, Local(address, found, detail))

    def _answer(self) -> None:
        if self.down:
            raise Fault(Kind.TRY_LATER, "The directory does not answer.")

    def may_send_as(self, signed_in: Principal, address: str) -> bool:
        self._answer()
        return address.lower() in signed_in.person.addresses or address.lower() == signed_in.account.address

    def may_send_on_behalf(self, signed_in: Principal, address: str) -> bool:
        return False


class Names:
    """DNS from a table; a domain not in it does not exist, one in `silent` gives no answer."""

    def __init__(self) -> None:
        self.exchangers: dict[str, tuple[Mx, ...]] = {}
        self.hosts: dict[str, tuple[str, ...]] = {}
        self.texts: dict[str, tuple[bytes, ...]] = {}
        self.secure: set[str] = set()  # domains and hosts of which all that is said is validated
        self.tlsas: dict[str, tuple[Tlsa, ...]] = {}
        self.silent: set[str] = set()

    def mx(self, domain: str) -> tuple[Mx, ...]:
        self._ask(domain, domain in self.exchangers or domain in self.hosts)
        return self.exchangers.get(domain, ())

    def addresses(self, host: str) -> tuple[str, ...]:
        self._ask(host, host in self.hosts)
        return self.hosts[host]

    def txt(self, name: str) -> tuple[bytes, ...]:
        self._ask(name, name in self.texts)
        return self.texts[name]

    def has_secure_mx(self, domain: str) -> bool:
        return domain in self.secure

    def secure_name(self, host: str) -> str:
        return host if host in self.secure else ""

    def tlsa(self, name: str) -> tuple[Tlsa, ...]:
        if name in self.silent:
            raise Fault(Kind.TRY_LATER, "no answer")
        return self.tlsas.get(name, ())

    def _ask(self, name: str, known: bool) -> None:
        if name in self.silent:
            raise Fault(Kind.TRY_LATER, "no answer")
        if not known:
            raise Fault(Kind.NOT_FOUND, "no such name")


class Peers:
    """The servers of the world: keeps what it gets, answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[Shipment, bytes]] = []
        self.sessions: tuple[Session, ...] = ()  # what TLS came to meanwhile
        self.answer: Callable[[str], Outcome] = lambda address: Outcome(
            Status.DELIVERED, 250, "2.0.0", "queued as 1", "mx.peer.example [192.0.2.9]"
        )

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        self.got.append((shipment, shipment.body.read()))
        shipment.sessions.extend(self.sessions)
        return tuple(self.answer(recipient.address) for recipient in shipment.envelope.recipients)


class PostRoom:
    """All of it together; `work` does what the queue worker does until nothing is due."""

    def __init__(
        self,
        folder: Path,
        delivery: DeliverySettings | None = None,
        queue: QueueSettings | None = None,
        tenure: TenureSettings | None = None,
        names: Resolver | None = None,
    ):
        self.town, self.names, self.peers = Town(), names or Names(), Peers()
        self.folder = folder
        self.settings = delivery or DeliverySettings(least_free=0)
        self.hints: list = []
        self.store = Store(folder / "accounts", self.hints.append)
        self.history = History(folder / "history")
        note = self.history.note
        self.queue = SqliteQueue(folder / "queue", self.hints.append, note)
        self.keys = Keys(folder / "keys")
        self.published: dict[str, bytes] = {}  # MTA-STS policies by domain
        self.policies = Policies(folder / "queue", self.names, self._published)
        self.site = folder / "sieve"
        self.rewriter = Rewriter(folder / "srs", self.town)
        self.unsubscribing = Unsubscribing(folder / "unsubscribe", lambda: f"https://{HOST}")
        self.reports = Reports(folder / "reports")
        self.tally = Tally(self.reports.seen)
        reach = Reach(self.town, self.settings.forward_to)
        former = Former(self.town, tenure or TenureSettings())
        programs = Programs(SiteScripts(self.site))
        filtering = Filtering(HOST, reach, programs, Outgoing(self.queue), 5.0, former)
        self.local = LocalDelivery(self.store, sorting=filtering)
        self.settlement = Settlement(HOST, queue or QueueSettings(), self.queue, self.town, note)
        self.desk = Desk(HOST, folder / "queue", self.settings, self.town, self.queue, self.rewriter.reverse, note)
        self.mx = MxGate(self.desk, Fullness(self.store))
        self.audited: list[tuple[str, str, str, dict[str, str]]] = []
        letters = Letters(HOST, self.town, self.queue)
        self.alarm = Alarm(self.town, letters, self._record)
        self.moderation = Moderation(self.town, self.queue, self.settlement, letters, self._record)
        self.submission = SubmissionGate(self.desk, self.town, Pace(self.settings.recipients_per_hour), self.alarm)
        self.lmtp = LmtpGate(self.desk, self.local)
        self.memory: Memories | None = None

    def checked(self, resolver: Resolver | None = None, **settings: object) -> MxGate:
        """An MX gate with all checks; its memory is `self.memory`."""
        return MxGate(self.desk, Fullness(self.store), self._inspection(resolver, **settings))

    def screened(self, **settings: object) -> SubmissionGate:
        """A submission gate that looks for what does harm."""
        return SubmissionGate(self.desk, self.town, Pace(100), self.alarm, self._inspection(None, **settings))

    def _inspection(self, resolver: Resolver | None, **settings: object) -> Inspection:
        given = FilterSettings(**{"greylist": "off", **settings})
        self.memory = self.memory or Memories(self.folder / "filter")
        tools = Tools(given, self.memory, resolver, self.town.is_ours)
        house = House(HOST, self.town.is_ours, frozenset(given.sealers))
        return Inspection(house, tools, checks.load(), note=self.history.note, tally=self.tally)

    def work(self) -> None:
        """Deliver all that is due, reports included, and wait for the conversations with peers."""
        while self._work():
            pass

    def pipeline(self) -> tuple[Pipeline, RemoteDelivery]:
        """A queue worker, and its way to the outside."""
        departure = Departure(Signer(self.keys), self.unsubscribing.link)
        forward, back = self.rewriter.forward, self.rewriter.reverse
        remote = RemoteDelivery(
            HOST,
            self.settings,
            self.peers,
            self.names,
            self.policies,
            departure,
            self.settlement,
            self.queue,
            forward,
            self.tally,
        )
        pipeline = Pipeline(
            self.queue,
            self.town,
            self.local,
            remote,
            self.settlement,
            lambda: False,
            back,
            Intake(self.reports),
            moderation=self.moderation,
        )
        return pipeline, remote

    def _work(self) -> bool:
        pipeline, remote = self.pipeline()
        worked = False
        while pipeline.round():
            worked = True
        remote.drain()
        return worked

    def accept(self, octets: bytes, *recipients: Recipient | str, sender: str = "a@peer.example", **more) -> str:
        found = tuple(each if isinstance(each, Recipient) else Recipient(each) for each in recipients)
        origin = more.pop("origin", MX)
        return self.queue.accept(Accept(Envelope(sender, found, **more), origin, Memory(octets)))

    def messages(self, ref: AccountRef, mailbox: str = "INBOX") -> list[bytes]:
        """The bodies in a mailbox."""
        opened = self.store.open(ref.id)
        found = opened.mailbox(mailbox)
        rows = opened.fetch(Fetch(found.id, [(1, 2**32 - 1)], Need.BODY))
        return [row.body.read() for row in rows]

    def _published(self, domain: str) -> bytes:
        if domain not in self.published:
            raise Fault(Kind.TRY_LATER, "nothing there")
        return self.published[domain]

    def _record(self, event: str, actor: str, subject: str, /, **facts: str) -> None:
        self.audited.append((event, actor, subject, facts))

    def close(self) -> None:
        self.local.close()
        self.policies.close()
        self.reports.close()
        if self.memory:
            self.memory.close()
        self.queue.close()
        self.store.close()
        self.history.close()
