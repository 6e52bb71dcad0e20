"""All drives of this node: beside each account's mail, `drive.sqlite` and `drive/` with the contents."""

import re
from functools import lru_cache
from pathlib import Path

import structlog

from odcore import clock
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.sql.database import stamp
from odcore.sql.migrate import Schema
from odcore.sql.pool import Pool
from oddav.drive.settings import DriveSettings
from oddav.drive.store.check import check
from oddav.drive.store.drive import Drive

log = structlog.get_logger()

SCHEMA = Schema("oddav.drive.store")

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPEN = 64  # databases; each takes up to six file handles
_BOUND = 1000  # accounts
_DAY = 24 * 3600.0


class Drives:
    """Opens drives below one folder. Safe to share between threads; several processes may share the folder."""

    def __init__(self, folder: Path, settings: DriveSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._pool = Pool(SCHEMA, _OPEN)
        self._bound = lru_cache(_BOUND)(self._bind)  # each request asks for one, and paths take time to make
        self._unpurged: list[AccountId] = []
        self._purge_at = clock.monotonic()

    def open(self, account: AccountId, quota: int = 0) -> Drive:
        """The account's; made at its first use. A `quota` of 0 is the site's."""
        return self._bound(account, quota)

    def _bind(self, account: AccountId, quota: int) -> Drive:
        return Drive(account, self._path(account), self._pool, self._settings, quota)

    def has(self, account: AccountId) -> bool:
        """Was this one ever used? Looking makes none."""
        return (self._path(account) / "drive.sqlite").exists()

    def accounts(self, begin: str = "??") -> list[AccountId]:
        """All that have ever been opened here, or those whose ids begin so."""
        return sorted(AccountId(path.parent.name) for path in self._folder.glob(f"{begin}/*/drive.sqlite"))

    def stamp(self, account: AccountId) -> int:
        """Another one after each change; 0 for who has none."""
        return stamp(self._path(account) / "drive.sqlite")

    def breaches(self, account: AccountId, *, octets: bool) -> list[str]:
        """What is wrong with this drive. One that cannot be read does not hide the others."""
        try:
            return check(self.open(account), octets=octets)
        except (Fault, OSError) as error:
            return [f"cannot be checked: {error}"]

    def step(self) -> bool:
        """One drive's part of the daily round; whether there was one. One process of a node does it."""
        if not self._unpurged and clock.monotonic() >= self._purge_at:
            self._purge_at = clock.monotonic() + _DAY
            self._unpurged = self.accounts()
        if not self._unpurged:
            return False
        account = self._unpurged.pop()
        try:
            self.open(account).purge()
        except Fault as fault:
            log.warning("purge_failed", account=account, reason=fault.text)
        return True

    def close(self) -> None:
        """Let go of all files; a later use opens them again."""
        self._pool.close()

    def _path(self, account: AccountId) -> Path:
        """Only ids become paths."""
        if not _ID.fullmatch(account):
            raise Fault(Kind.NOT_FOUND, "No such account.")
        return self._folder / account[:2] / account
