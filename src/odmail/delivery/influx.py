"""How much comes in for one address: a mail bomb waits at those who throw it, and buries nobody.

Each process counts for itself, within ten minutes; what is too much is "try later", never lost. Mail from clients of
our own does not count.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock

import structlog

from odcore import clock
from odcore.errors import Kind
from odmail.delivery.ports import Refused

log = structlog.get_logger()

_SECONDS = 600.0
_MOST = 1000
"""Messages for one address: more than the busiest office reads, less than makes a mailbox useless."""


class Influx:
    """Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._since = clock.monotonic()
        self._counts: Counter[str] = Counter()

    def add(self, addresses: Iterable[str]) -> None:
        """A message for these was taken in."""
        keys = set(map(_key, addresses))
        with self._lock:
            if clock.monotonic() - self._since > _SECONDS:
                self._since = clock.monotonic()
                self._counts.clear()
            self._counts.update(keys)
            full = [key for key in keys if self._counts[key] == _MOST]
        for key in full:
            log.warning("too_much_mail", address=key, messages=_MOST, seconds=_SECONDS)

    def is_full(self, address: str) -> bool:
        """Has it got as much as it gets for now?"""
        with self._lock:
            return self._counts[_key(address)] >= _MOST and clock.monotonic() - self._since <= _SECONDS

    def check(self, address: str) -> None:
        """Fault Refused."""
        if self.is_full(address):
            raise Refused(Kind.TRY_LATER, "Too much mail comes for this address, try again later.", "4.2.1")


def _key(address: str) -> str:
    """With a detail it is the same mailbox."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
