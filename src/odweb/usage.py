"""What people and posts use of their quotas: mail and files, each with the whole of it."""

from collections.abc import Iterable

import msgspec

from odcore.directory.model import Person, Post
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
        mail = self.store.open(entry.id).quota().used if self.store.has(entry.id) else 0
        files = self.drives.open(entry.id).room().used if self.drives.has(entry.id) else 0
        return Used(entry, mail, entry.quota or self.mail, files, entry.quota or self.files)

    def fullest(self, entries: Iterable[Person | Post], over: int = 0) -> list[Used]:
        """Those from `over` percent on, the fullest first, then the largest."""
        found = [used for used in map(self.of, entries) if used.percent >= over]
        return sorted(found, key=lambda used: (used.percent, used.mail + used.files), reverse=True)
