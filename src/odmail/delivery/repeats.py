"""The same message once more: a sender that lost our 250 sends it again, and its reader need not see that.  RFC 1047

Told by every octet but those that say how it came, and only of messages that bear a Message-ID: programs that write the
same warning twice mean it twice. Each process remembers its own deliveries, for some minutes.
"""

import hashlib
import re
from collections.abc import Iterable
from threading import Lock

from odcore import clock

_SECONDS = 600.0
"""Senders come again within minutes, or after the peer's time for retries, when two copies are no riddle."""

_MOST = 50_000
_FIELD = rb":[^\r\n]*+(?:\r\n[ \t][^\r\n]*+)*+\r\n"
_OURS = re.compile(
    rb"^return-path%b(?:received%b)?(?:(?:authentication-results|x-spam-(?:flag|score|status))%b)*+" % ((_FIELD,) * 3),
    re.IGNORECASE | re.MULTILINE,
)
"""What we put in front: `odmail.delivery.trace`, and what was found of mail from outside."""


def fingerprint(view: memoryview, header_size: int) -> bytes:
    """The same for what was sent twice."""
    ours = _OURS.search(view, 0, header_size)
    start, end = ours.span() if ours else (0, 0)
    digest = hashlib.sha256(view[:start])
    digest.update(view[end:])
    return digest.digest()


class Recent:
    """What was delivered in the last minutes, by key. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[bytes, float] = {}  # when, the oldest first

    def __contains__(self, key: bytes) -> bool:
        with self._lock:
            return clock.monotonic() - self._known.get(key, float("-inf")) < _SECONDS

    def add(self, keys: Iterable[bytes]) -> None:
        """They were delivered now."""
        now = clock.monotonic()
        with self._lock:
            for key in keys:
                self._known.pop(key, None)
                self._known[key] = now
            while self._known and (len(self._known) > _MOST or now - next(iter(self._known.values())) > _SECONDS):
                del self._known[next(iter(self._known))]
