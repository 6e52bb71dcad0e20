"""How much one client outside brings within a minute: who brings more comes again later, and nothing is lost.

Counted by network address (an IPv6 /64 is one), in each process, before anything else is done about a message. What is
refused counts as well: who does not slow down is not let in.
"""

from collections import Counter
from math import ceil
from threading import Lock

import structlog

from odcore import clock
from odcore.errors import Kind
from odcore.net.networks import network_of
from odmail.delivery.ports import Refused
from odmail.queue.model import Envelope, Origin

log = structlog.get_logger()

_SECONDS = 60.0
_SHARE = 5
"""Recipients that a message may have before it counts as another one."""


class ClientRate:
    """Any thread may ask."""

    def __init__(self, most: int) -> None:
        """`most` messages a minute; 0: any number."""
        self._most = most
        self._lock = Lock()
        self._since = clock.monotonic()
        self._counts: Counter[str] = Counter()

    def count(self, envelope: Envelope, origin: Origin) -> None:
        """One more message begins to come in. Fault Refused."""
        if not self._most:
            return
        network = network_of(origin.address).removesuffix("/32")
        count = self._add(network, max(1, ceil(len(envelope.recipients) / _SHARE)))
        if count > self._most:
            log.info("client_too_fast", session=origin.session, client=network, count=count, sender=envelope.sender)
            text = f"Too many messages or recipients from {network} within a minute, try again later."
            raise Refused(Kind.TRY_LATER, text, "4.7.1")

    def _add(self, network: str, weight: int) -> int:
        with self._lock:
            if clock.monotonic() - self._since >= _SECONDS:
                self._since = clock.monotonic()
                self._counts.clear()
            self._counts[network] += weight
            return self._counts[network]
