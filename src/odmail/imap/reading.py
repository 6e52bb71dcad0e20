"""Rows of many messages, read in batches by SORT and THREAD.  RFC 5256 3"""

from array import array
from collections.abc import Callable, Iterator

import msgspec

from odmail.imap import seqset
from odmail.mailbox.api import Fetch, MailAccount
from odmail.mailbox.model import Need, Rows

_BATCH = 2000


class Reading(msgspec.Struct, frozen=True):
    """Whose messages, and who is told how far it is."""

    account: MailAccount
    mailbox: int
    exists: int
    reach: Callable[[int, int], None]

    def rows(self, uids: "array[int]", need: Need) -> Iterator[Rows]:
        """Those that have not gone meanwhile. Each batch is a transaction, so that nobody waits long. Blocks."""
        for at in range(0, len(uids), _BATCH):
            self.reach(at, len(uids))
            yield self.account.fetch(Fetch(self.mailbox, list(seqset.runs(uids[at : at + _BATCH])), need))
