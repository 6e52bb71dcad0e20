"""All accounts of this node: a folder each, by the account's id, with `mail.sqlite`, `blobs/` and `tmp/` in it."""

import re
from pathlib import Path
from threading import Lock

import structlog

from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sql.database import stamp
from odcore.sql.migrate import Schema
from odcore.sql.pool import Pool
from odmail.mailbox.account import Account, Publish
from odmail.mailbox.mirror import Mirrors
from odmail.mailbox.ops import births, quota
from odmail.mailbox.settings import MailboxSettings
from odmail.mailbox.transaction import Transaction

log = structlog.get_logger()

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SCHEMA = Schema("odmail.mailbox")


class Store:
    """Opens accounts below one folder. Safe to share between threads; several processes may share the folder."""

    def __init__(self, folder: Path, publish: Publish, settings: MailboxSettings | None = None) -> None:
        """`publish` tells other sessions and processes (`odcore.bus`): called after each commit, from any thread."""
        self._folder = folder
        self._publish = publish
        self._pool = Pool(SCHEMA, (settings or MailboxSettings()).open_accounts)
        self._mirrors = Mirrors()
        self._born: set[AccountId] = set()
        self._lock = Lock()

    def open(self, account: AccountId) -> Account:
        """The account, born at first sight."""
        bound = Account(account, self._path(account), self._pool, self._mirrors, self._publish)
        if account not in self._born:
            self._see(bound)
        return bound

    def set_quota(self, account: AccountId, limit: int) -> None:
        """Octets, 0 for none; writes only when it differs."""
        bound = self.open(account)
        if bound.quota().limit != limit:
            bound.write(lambda tx: quota.set_quota(tx, limit))

    def keep_house(self, account: AccountId) -> bool:
        """In idle moments: index, renew and purge a little. Whether more is left to do."""
        bound = self.open(account)
        indexed, renewed, purged = bound.index_pending(), bound.renew(), bound.purge()
        return bool(indexed or renewed or purged)

    def accounts(self, begin: str = "??") -> list[AccountId]:
        """All that have ever been opened here, or those whose ids begin so."""
        return sorted(AccountId(path.parent.name) for path in self._folder.glob(f"{begin}/*/mail.sqlite"))

    def stamp(self, account: AccountId) -> int:
        """Another one after each change; 0 for who was never opened."""
        return stamp(self._path(account) / "mail.sqlite")

    def has(self, account: AccountId) -> bool:
        """Was this one ever opened? Looking makes none."""
        return (self._path(account) / "mail.sqlite").exists()

    def close(self) -> None:
        """Let go of all files; a later use opens them again."""
        self._pool.close()

    def _path(self, account: AccountId) -> Path:
        """Only ids become paths."""
        if not _ID.fullmatch(account):
            raise Fault(Kind.NOT_FOUND, "No such account.")
        return self._folder / account[:2] / account

    def _see(self, bound: Account) -> None:
        """Look first: nearly always the account was born long ago."""
        if not bound.read(births.is_born):
            bound.write(lambda tx: _give_birth(tx, bound.id))
        with self._lock:
            self._born.add(bound.id)


def _give_birth(tx: Transaction, account: AccountId) -> None:
    """Another process may have been quicker."""
    if not births.is_born(tx):
        births.be_born(tx, account)
        log.info("account_born", account=account)
