"""A mail store in a temporary folder that proves its invariants when it closes, and letters to fill it with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from odcore.blob.incoming import Memory
from odcore.ids import AccountId
from odmail.mailbox.account import Account
from odmail.mailbox.api import Append, Appended, Fetch, NewMessage
from odmail.mailbox.changes import Hint
from odmail.mailbox.check import check
from odmail.mailbox.model import Need, Row
from odmail.mailbox.settings import MailboxSettings
from odmail.mailbox.store import Store
from odmail.message.parse import parse

ALICE = AccountId("6c1c2a9e-0001-4a6e-9d3c-000000000001")
BOB = AccountId("6c1c2a9e-0002-4a6e-9d3c-000000000002")
CLERK = AccountId("6c1c2a9e-0003-4a6e-9d3c-000000000003")

NOTHING = Need(0)
EVERY = [(1, 0xFFFFFFFF)]


class Shelf:
    """A store with the hints it gave."""

    def __init__(self, folder: Path, open_accounts: int = 16) -> None:
        self.hints: list[Hint] = []
        self.store = Store(folder, self._hear, MailboxSettings(open_accounts=open_accounts))

    def open(self, account: AccountId = ALICE) -> Account:
        return self.store.open(account)

    def _hear(self, message: Any) -> None:
        assert isinstance(message, Hint)
        self.hints.append(message)


@contextmanager
def shelf(folder: Path, open_accounts: int = 16) -> Iterator[Shelf]:
    """Closes with a check of every account, large bodies included."""
    one = Shelf(folder, open_accounts)
    yield one
    for account in one.store.accounts():
        assert check(one.open(account), octets=True) == []
    one.store.close()


def letter(subject: str = "Hello", text: str = "Good morning.\r\n", **fields: str) -> bytes:
    """A small message. `fields` are further header fields, '_' for '-'."""
    fields = {"From": "a@odisha.example", "Date": "Tue, 10 Mar 2026 10:00:00 +0530", **fields, "Subject": subject}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return (head + 'Content-Type: text/plain; charset="utf-8"\r\n\r\n' + text).encode()


def new(octets: bytes | None = None, **options: Any) -> NewMessage:
    """A message in memory, read by the real parser."""
    octets = letter() if octets is None else octets
    return NewMessage(Memory(octets), parse(octets), **options)


def put(account: Account, *messages: bytes | None, to: str = "INBOX", **options: Any) -> Appended:
    """Append messages, one plain letter when none is given."""
    return account.append(Append(to, [new(octets, **options) for octets in messages or (None,)]))


def rows(account: Account, mailbox: str = "INBOX", need: Need = NOTHING, reader: str = "") -> list[Row]:
    """All rows of a mailbox."""
    return [*account.fetch(Fetch(account.mailbox(mailbox).id, EVERY, need, reader))]


def bodies(account: Account, mailbox: str = "INBOX") -> list[bytes]:
    """All octets of all messages of a mailbox."""
    return [row.body.read() for row in rows(account, mailbox, Need.BODY) if row.body is not None]
