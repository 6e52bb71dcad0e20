"""A small department for protocol tests: real stores in a temporary folder, sign-in and directory from memory."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from odcore.directory.model import AccountKind, AccountRef, Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odcore.ids import AccountId
from odcore.later import Later
from odmail.imap import commands
from odmail.imap.ports import House, Watch
from odmail.imap.settings import ImapSettings
from odmail.mailbox.api import Append, MailAccount, NewMessage
from odmail.mailbox.changes import Hint
from odmail.mailbox.store import Store
from odmail.message.parse import parse
from odtest.signing import Mechanisms

PASSWORD = "open sesame"


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


_NICKNAMES = {"user": SASMITA.uid, "sasmita": SASMITA.uid}


class Department(Mechanisms):
    """Sign-in and access in one: who there is, who holds what, and whether the directory answers."""

    def __init__(self) -> None:
        self.people = {one.uid: one for one in (SASMITA, BIBHU)}
        self.held: dict[AccountId, list[Post]] = {SASMITA.id: [COLLECTOR]}
        self.disabled: set[AccountId] = set()
        self.down = False

    def _answer(self) -> None:
        if self.down:
            raise Fault(Kind.TRY_LATER, "The directory does not answer, try again")

    def sign_in(self, credentials: Credentials) -> Principal:
        self._answer()
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


class TestHouse:
    """Everything a session needs, with blocking work done at once and hints kept until `deliver_hints`."""

    __test__ = False

    def __init__(self, folder: Path, settings: ImapSettings | None = None) -> None:
        self.department = Department()
        self.hints: list[Hint] = []
        self.store = Store(folder, self.hints.append)
        self.watch = Watch()
        self.registry = commands.load()
        self.held: list[Callable[[], None]] | None = None  # work that waits, when the house is slow
        self.house = House(
            settings or ImapSettings(), self.department, self.department, self.open, self.call, self.watch
        )

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

    def deliver_hints(self) -> None:
        """What the bus does: tell all sessions of this and every other process."""
        while self.hints:
            self.watch.tell(self.hints.pop(0))

    def put(self, account: AccountId, mailbox: str, octets: bytes, received: int | None = None) -> None:
        """A message arrives."""
        opened = self.store.open(account)
        incoming = opened.incoming()
        incoming.write(octets)
        source = incoming.finish()
        opened.append(Append(mailbox, [NewMessage(source, parse(source.view()), received=received)]))
        incoming.discard()


def letter(number: int) -> bytes:
    """A small message, different for each number."""
    date = datetime(2026, 1, 1, 9, number % 60, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"From: Bibhu Das <bibhu.das@odisha.example>\r\nTo: sasmita.nayak@odisha.example\r\n"
        f"Subject: Letter {number}\r\nDate: {date}\r\nMessage-ID: <letter.{number}@odisha.example>\r\n\r\n"
        f"This is letter {number}.\r\n"
    ).encode()
