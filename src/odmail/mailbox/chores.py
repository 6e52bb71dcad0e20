"""What can wait until nobody does: indexing new messages, purging expunged ones, sweeping what a crash left.

One process of a node runs these (the queue worker). Hints tell which accounts have something to do; at its start
all have. Each step is small, so that a delivery to the same account never waits long.
"""

from collections import OrderedDict
from threading import Lock

import structlog

from odcore import clock
from odcore.errors import Fault
from odcore.ids import AccountId
from odmail.mailbox.changes import Hint
from odmail.mailbox.store import Store

log = structlog.get_logger()

_DAY = 24 * 3600.0


class Chores:
    """Accounts with something to do, the longest waiting first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._waiting: OrderedDict[AccountId, None] = OrderedDict.fromkeys(store.accounts())
        self._unswept: list[AccountId] = []
        self._sweep_at = clock.monotonic()

    def note(self, hint: Hint) -> None:
        """Something happened in an account. Callable from any thread; subscribe this to the bus."""
        with self._lock:
            self._waiting[hint.account] = None

    def step(self) -> bool:
        """One small piece of work in one account; whether more is waiting. Call it when there is no mail to move."""
        account = self._next()
        if account is None:
            return self._sweep()
        try:
            if self._store.keep_house(account):
                self.note(Hint(account, 0, 0))
        except Fault as fault:  # its next change brings it back
            log.warning("chores_failed", account=account, reason=fault.text)
        return True

    def _next(self) -> AccountId | None:
        with self._lock:
            return self._waiting.popitem(last=False)[0] if self._waiting else None

    def _sweep(self) -> bool:
        """One account's part of the daily round."""
        if not self._unswept and clock.monotonic() >= self._sweep_at:
            self._sweep_at = clock.monotonic() + _DAY
            self._unswept = self._store.accounts()
        if not self._unswept:
            return False
        account = self._unswept.pop()
        try:
            files = self._store.open(account).sweep()
        except Fault as fault:
            log.warning("sweep_failed", account=account, reason=fault.text)
        else:
            if files:
                log.info("swept", account=account, files=files)
        return True
