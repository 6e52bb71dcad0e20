"""What scripts may ask about an account, the directory and this node: `odmail.sieve.house.Lookup`."""

from datetime import datetime
from importlib.metadata import version

from odcore import clock
from odcore.errors import Fault
from odmail.delivery.programs import SiteScripts
from odmail.delivery.reach import Reach
from odmail.delivery.resolve import default_domain
from odmail.mailbox.api import GetMetadata, MailAccount
from odmail.mailbox.model import Mailbox

_VERSION = version("odmail")


class World:
    """One account, for the messages of one batch."""

    def __init__(self, account: MailAccount, reach: Reach, site: SiteScripts, host: str) -> None:
        self._account = account
        self._reach = reach
        self._site = site
        self._host = host
        self._boxes: list[Mailbox] | None = None
        self.pending: set[str] = set()  # keys to be remembered once the batch is delivered

    @property
    def boxes(self) -> list[Mailbox]:
        """The mailboxes that can hold messages."""
        if self._boxes is None:
            self._boxes = [each for each in self._account.mailboxes() if each.selectable]
        return self._boxes

    def now(self) -> datetime:
        """In this node's zone."""
        return clock.now().astimezone()

    def mailbox_exists(self, name: str) -> bool:
        """INBOX in any case."""
        try:
            return self._account.mailbox(name).selectable
        except Fault:
            return False

    def special_use_exists(self, use: str, mailbox: str = "") -> bool:
        """Is there a mailbox with this use, or has `mailbox` it?"""
        found = [each for each in self.boxes if each.special_use and each.special_use.lower() == use.lower()]
        return any(not mailbox or each.name == mailbox for each in found)

    def mailbox_id_exists(self, mailbox_id: str) -> bool:
        """Is there such a mailbox?"""
        return any(each.mailbox_id == mailbox_id for each in self.boxes)

    def annotation(self, mailbox: str | None, name: str) -> str | None:
        """As the owner's IMAP sessions see it."""
        entry = name.lower()
        try:
            found = self._account.get_metadata(GetMetadata(mailbox or "", (entry,)))
        except Fault:
            return None
        value = found.get(entry)
        return None if value is None else value.decode("utf-8", "replace")

    def is_duplicate(self, key: str) -> bool:
        """In this batch or before."""
        return key in self.pending or self._account.is_remembered(key)

    def script(self, name: str, *, site: bool) -> str | None:
        """A script to be included."""
        if site:
            return self._site.text(name)
        try:
            return self._account.script(name)
        except Fault:
            return None

    def environment(self, item: str) -> str | None:
        """RFC 5183 4.1"""
        if item == "domain":
            return default_domain(self._reach.directory)
        known = {"host": self._host, "location": "MDA", "name": "odmail", "phase": "during", "version": _VERSION}
        return known.get(item)

    def may_send_to(self, address: str) -> str:
        """Policy: no script sends mail just anywhere."""
        return self._reach.objection(address)
