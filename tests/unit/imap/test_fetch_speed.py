"""What FETCH costs for each message."""

import time
from array import array

from odmail.imap.commands.fetch import read_wanted
from odmail.imap.fetching import Batch, Plan
from odmail.imap.reader import Reader
from odmail.mailbox.api import Fetch
from odmail.mailbox.model import Row

COUNT = 20_000


class Rows:
    """An account with rows in memory."""

    def __init__(self) -> None:
        envelope = b'("date" "subject" ' + b'(("name" NIL "local" "domain"))' * 6 + b' NIL "<id@domain>")'
        self._rows = [Row(n, n % 32, 0, n, n, size=4096, envelope=envelope) for n in range(1, COUNT + 1)]

    def fetch(self, options: Fetch) -> list[Row]:
        return [row for first, last in options.uids for row in self._rows[first - 1 : last]]


def cpu(items: bytes) -> float:
    reader = Reader(items, uid=True)
    plan = Plan(tuple(read_wanted(reader).items), 1, "", COUNT + 1)
    batch = Batch(Rows(), plan, [(0, COUNT)], array("I", range(1, COUNT + 1)))
    start = time.process_time()
    while not batch.done:
        batch.more(())
    assert batch.count == COUNT
    return time.process_time() - start


def test_flags() -> None:
    """20,000 x (UID FLAGS) take a few hundredths of a second (aim: 60 ms)."""
    assert min(cpu(b"FLAGS") for _ in range(3)) < 0.12


def test_envelopes() -> None:
    """20,000 x ENVELOPE take a few hundredths of a second (aim: 120 ms)."""
    assert min(cpu(b"ENVELOPE") for _ in range(3)) < 0.24
