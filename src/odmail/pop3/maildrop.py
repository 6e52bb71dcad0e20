"""The maildrop: INBOX as it was at sign-in, and what is to become of it at QUIT.  RFC 1939 5, 6

Messages are numbered from 1 and keep their numbers whatever is deleted. All methods that touch the store block.
"""

from array import array
from collections.abc import Iterator

from odcore.blob.api import Body
from odcore.errors import Fault, Kind
from odmail.mailbox.api import Expunge, Fetch, Hold, MailAccount, Snapshot, StoreFlags
from odmail.mailbox.model import INBOX, Flag, Need

_AT_ONCE = 5000


class Maildrop:
    """One account's, held alone.  RFC 1939 4"""

    def __init__(self, account: MailAccount, reader: str = "") -> None:
        """Fault IN_USE when another session has it."""
        self.account = account
        self.deleted: set[int] = set()
        self.seen: set[int] = set()
        self._reader = reader
        self._hold: Hold = account.hold()
        try:
            self._look()
        except BaseException:
            self._hold.release()
            raise

    def _look(self) -> None:
        box = self.account.mailbox(INBOX, self._reader)
        self._mailbox, self.uidvalidity = box.id, box.uidvalidity
        self.uids = array("I")
        self.sizes = array("Q")
        every = self.account.uids(Snapshot(box.id, box.uidnext, box.highestmodseq))
        for at in range(0, len(every), _AT_ONCE):
            part = every[at : at + _AT_ONCE]
            for row in self.account.fetch(Fetch(box.id, [(part[0], part[-1])], Need.SIZE, self._reader)):
                self.uids.append(row.uid)
                self.sizes.append(row.size)

    def __len__(self) -> int:
        return len(self.uids)

    def numbers(self) -> Iterator[int]:
        """Of all messages not marked as deleted."""
        return (number for number in range(1, len(self) + 1) if number not in self.deleted)

    def size(self, number: int) -> int:
        """Octets."""
        return self.sizes[number - 1]

    @property
    def total(self) -> int:
        """Octets of all that is not marked as deleted."""
        return sum(map(self.size, self.numbers()))

    def unique(self, number: int) -> str:
        """The same in every session, and never that of another message.  RFC 1939 7"""
        return f"{self.uidvalidity}.{self.uids[number - 1]}"

    def body(self, number: int) -> Body:
        """Its octets. Fault EXPUNGED when another program took it away meanwhile."""
        uid = self.uids[number - 1]
        for row in self.account.fetch(Fetch(self._mailbox, [(uid, uid)], Need.BODY, self._reader)):
            if row.body is not None:
                return row.body
        raise Fault(Kind.EXPUNGED, "The message is gone")

    def update(self) -> None:
        """What was marked goes for good, what was read is seen.  RFC 1939 6"""
        gone = [(self.uids[number - 1],) * 2 for number in sorted(self.deleted)]
        read = [(self.uids[number - 1],) * 2 for number in sorted(self.seen - self.deleted)]
        if gone:
            self.account.expunge(Expunge(self._mailbox, gone, marked=False))
        if read:
            self.account.store(StoreFlags(self._mailbox, read, "add", Flag.SEEN, reader=self._reader))

    def close(self) -> None:
        """Others may have it."""
        self._hold.release()
