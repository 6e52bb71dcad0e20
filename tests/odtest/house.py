"""A small department for protocol tests: real stores in a temporary folder, sign-in and directory from memory."""

import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from odcore.bus.api import SharingChanged
from odcore.directory.model import AccountKind, AccountRef, Charge, Group, Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odcore.ids import AccountId
from odcore.kept import Kept
from odcore.later import Later
from odcore.sharing.access import DirectorySharing
from odcore.sharing.register import SqliteRegister
from odmail.imap import commands
from odmail.imap.ports import House, Watch
from odmail.imap.settings import ImapSettings
from odmail.mailbox.api import Append, MailAccount, NewMessage
from odmail.mailbox.changes import Hint
from odmail.mailbox.store import Store
from odmail.message.parse import parse
from odtest.signing import Mechanisms

PASSWORD = "open sesame"

Entry = TypeVar("Entry", Person, Post, Group)


def _id(number: int) -> AccountId:
    return AccountId(f"{number:08x}-0000-4000-8000-{number:012x}")


def person(number: int, uid: str, name: str) -> Person:
    return Person(_id(number), f"uid={uid}", uid, name, (f"{uid}@odisha.example",))


def post(number: int, cn: str, title: str) -> Post:
    return Post(_id(number), f"cn={cn}", cn, title, (f"{cn}@odisha.example",))


SASMITA = person(1, "sasmita.nayak", "Sasmita Nayak")
BIBHU = person(2, "bibhu.das", "Bibhu Das")
COLLECTOR = post(101, "collector.khordha", "Collector, Khordha")
TREASURY = post(102, "treasury.puri", "Treasury Officer, Puri")


SECRETARIAT = Group(
    _id(201), "cn=secretariat", "secretariat", "Secretariat", ("secretariat@odisha.example",), (BIBHU.id,)
)


_NICKNAMES = {"user": SASMITA.uid, "sasmita": SASMITA.uid}


class Department(Mechanisms):
    """Sign-in and access in one: who there is, who holds what, and whether the directory answers."""

    def __init__(self) -> None:
        self.people = {one.uid: one for one in (SASMITA, BIBHU)}
        self.held: dict[AccountId, list[Post]] = {SASMITA.id: [COLLECTOR]}
        self.groups = [SECRETARIAT]
        self.disabled: set[AccountId] = set()
        self.down = False

    def _answer(self) -> None:
        if self.down:
            raise Fault(Kind.TRY_LATER, "The directory does not answer, try again")

    def sign_in(self, credentials: Credentials) -> Principal:
        self._answer()
        self.refuse(credentials.client)
        login, _, device = credentials.login.partition("/")  # "sasmita.nayak/collector.khordha": into the post
        one = self.people.get(login.partition("@")[0])
        if one is None or credentials.password != PASSWORD or one.id in self.disabled:
            raise Fault(Kind.LOGIN, "Wrong user name or password")
        for held in self.held.get(one.id, ()):
            if held.cn == device:
                return Principal(one, AccountRef(held.id, AccountKind.POST, held.addresses[0], held.title), "device")
        return Principal(one, AccountRef(one.id, AccountKind.PERSON, one.addresses[0], one.name))

    def known(self, login: str) -> Principal | None:
        one = self.people.get(_NICKNAMES.get(login.partition("@")[0], login.partition("@")[0]))
        return Principal(one, AccountRef(one.id, AccountKind.PERSON, one.addresses[0], one.name)) if one else None

    def still_valid(self, principal: Principal) -> bool:
        self._answer()
        if principal.person.id in self.disabled:
            return False
        held = {one.id for one in self.held.get(principal.person.id, ())}
        return principal.account.id == principal.person.id or principal.account.id in held

    def posts(self, principal: Principal) -> tuple[Post, ...]:
        self._answer()
        return tuple(self.held.get(principal.person.id, ())) if not principal.reader else ()

    def may_send_as(self, principal: Principal, address: str) -> bool:
        return address in principal.person.addresses

    def may_send_on_behalf(self, principal: Principal, address: str) -> bool:
        return False

    # The directory, as far as sharing asks it.

    def _find(self, entries: Iterable[Entry], key: str) -> Entry:
        self._answer()
        for one in entries:
            if key in (one.id, *one.addresses, one.addresses[0].partition("@")[0]):
                return one
        raise Fault(Kind.NOT_FOUND, "The directory does not know that")

    def person(self, key: str) -> Person:
        return self._find(self.people.values(), key)

    def post(self, key: str) -> Post:
        found = self._find((COLLECTOR, TREASURY), key)
        now = datetime(2020, 1, 1, tzinfo=UTC)
        charges = [Charge(one, now) for one, posts in self.held.items() if found in posts]
        return msgspec.structs.replace(found, charges=tuple(charges))

    def group(self, key: str) -> Group:
        return self._find(self.groups, key)

    def account(self, key: AccountId) -> AccountRef:
        if key in self.disabled:
            raise Fault(Kind.DENIED, "That account is disabled")
        for kind, find in ((AccountKind.PERSON, self.person), (AccountKind.POST, self.post)):
            with contextlib.suppress(Fault):
                one = find(key)
                return AccountRef(one.id, kind, one.addresses[0], "")
        raise Fault(Kind.NOT_FOUND, "No such account")

    def groups_of(self, account: AccountId) -> frozenset[AccountId]:
        return frozenset(group.id for group in self.groups if account in group.members)


class TestHouse:
    """Everything a session needs, with blocking work done at once and hints kept until `deliver_hints`."""

    __test__ = False

    def __init__(self, folder: Path, settings: ImapSettings | None = None) -> None:
        self.department = Department()
        self.hints: list[Hint | SharingChanged] = []
        self.store = Store(folder, self.hints.append)
        self.watch = Watch()
        self.registry = commands.load()
        self.held: list[Callable[[], None]] | None = None  # work that waits, when the house is slow
        self.recorded: list[tuple[str, str, str, dict[str, str]]] = []
        self.register = SqliteRegister(folder / "sharing", self.hints.append)
        self.house = house(self, settings or ImapSettings())

    def open(self, account: AccountRef) -> MailAccount:
        return self.store.open(account.id)

    def call(self, function, /, *args, **kwargs):
        """The `Call` port without threads."""
        later: Later = Later()

        def work() -> None:
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                later.fail(error)
            else:
                later.set(result)

        if self.held is None:
            work()
        else:
            self.held.append(work)
        return later

    def record(self, event: str, actor: str, subject: str, /, **facts: str) -> None:
        self.recorded.append((event, actor, subject, facts))

    def deliver_hints(self) -> list[AccountId]:
        """What the bus does: tell all sessions of this and every other process. Who has changed what they share."""
        sharing = []
        while self.hints:
            hint = self.hints.pop(0)
            if isinstance(hint, SharingChanged):
                sharing.append(hint.owner)
            else:
                self.watch.tell(hint)
        return sharing

    def put(self, account: AccountId, mailbox: str, octets: bytes, received: int | None = None) -> None:
        """A message arrives."""
        opened = self.store.open(account)
        incoming = opened.incoming()
        incoming.write(octets)
        source = incoming.finish()
        opened.append(Append(mailbox, [NewMessage(source, parse(source.view()), received=received)]))
        incoming.discard()


def house(world: TestHouse, settings: ImapSettings) -> House:
    """What sessions of this world share."""
    department = world.department
    return House(
        settings=settings,
        sign_in=department,
        access=department,
        sharing=DirectorySharing(department, world.register, department),
        open=world.open,
        call=world.call,
        watch=world.watch,
        record=world.record,
        keep=Kept(32 << 20),
        contact=lambda: "mailto:postmaster@odisha.example",
    )


def letter(number: int) -> bytes:
    """A small message, different for each number."""
    date = datetime(2026, 1, 1, 9, number % 60, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"From: Bibhu Das <bibhu.das@odisha.example>\r\nTo: sasmita.nayak@odisha.example\r\n"
        f"Subject: Letter {number}\r\nDate: {date}\r\nMessage-ID: <letter.{number}@odisha.example>\r\n\r\n"
        f"This is letter {number}.\r\n"
    ).encode()
