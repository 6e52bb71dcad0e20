"""How many sessions each account has open in this process: one app gone wild must not take everybody's places."""

from collections import Counter

from odcore.errors import Fault, Kind
from odcore.ids import AccountId

MOST = 100
"""Phones, Outlook and webmail open five to ten each; a post's mailbox is shared by several people."""


class Presence:
    """Sessions by account, of all services that count. For the reactor thread."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: Counter[AccountId] = Counter()

    def enter(self, account: AccountId) -> None:
        """One more; `leave` must follow at its end. Fault LIMIT when there are too many."""
        if self._open[account] >= self._most:
            raise Fault(Kind.LIMIT, "Too many open sessions of this account, close some.")
        self._open[account] += 1

    def leave(self, account: AccountId) -> None:
        """One that had entered has ended."""
        self._open[account] -= 1
        if self._open[account] <= 0:
            del self._open[account]
