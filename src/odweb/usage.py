"""What people and posts use of their quotas: mail and files, each with the whole of it."""

from collections.abc import Iterable

import msgspec

from odcore.directory.model import Person, Post
from odcore.ids import AccountId
from oddav.drive.store.drives import Drives
from odmail.mailbox.store import Store


class Used(msgspec.Struct, frozen=True):
    """Octets; a limit of 0 is none."""

    entry: Person | Post
    mail: int
    mail_limit: int
    files: int
    files_limit: int

    @property
    def percent(self) -> int:
        """Of the fuller of the two; 0 where nothing limits."""
        shares = [(self.mail, self.mail_limit), (self.files, self.files_limit)]
        return max(100 * used // limit if limit else 0 for used, limit in shares)


class Usage(msgspec.Struct, frozen=True):
    """Of this node. Accounts that were never opened are not made by being looked at."""

    store: Store
    drives: Drives
    mail: int  # octets each has by default
    files: int

    def of(self, entry: Person | Post) -> Used:
        """One account's."""
        return self.told(entry, *self.octets(entry.id))

    def told(self, entry: Person | Post, mail: int, files: int) -> Used:
        """So many octets beside what may be used."""
        return Used(entry, mail, entry.quota or self.mail, files, entry.quota or self.files)

    def octets(self, account: AccountId) -> tuple[int, int]:
        """Of mail and of files; takes a millisecond or two."""
        mail = self.store.open(account).quota().used if self.store.has(account) else 0
        files = self.drives.open(account).room().used if self.drives.has(account) else 0
        return mail, files

    def stamp(self, account: AccountId) -> int:
        """Another one after each change; takes some microseconds."""
        return max(self.store.stamp(account), self.drives.stamp(account))

    def accounts(self, begin: str) -> set[AccountId]:
        """Those that were ever opened and whose ids begin with these two letters."""
        return {*self.store.accounts(begin), *self.drives.accounts(begin)}

    def fullest(self, entries: Iterable[Person | Post], over: int = 0) -> list[Used]:
        """Those from `over` percent on, the fullest first, then the largest."""
        return [used for used in ranked(map(self.of, entries)) if used.percent >= over]


def ranked(found: Iterable[Used]) -> list[Used]:
    """The fullest first, then the largest."""
    return sorted(found, key=lambda used: (used.percent, used.mail + used.files), reverse=True)
