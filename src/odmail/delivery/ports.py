"""What an SMTP session asks of the house: may they, and here it comes.

Blocking calls: the server runs them on `odcore.net.hop`. Every refusal is a `Fault`.
"""

from typing import Protocol

import msgspec

from odcore.errors import Fault
from odcore.identity.api import Principal
from odmail.queue.model import Envelope, Origin


class Delivered(msgspec.Struct, frozen=True):
    """What came of a message once its last octet was here. `faults[i]` is recipient i's fate: None is accepted.

    MX and submission accept for all recipients at once (durable in the queue: `faults` all None);
    LMTP answers for each (RFC 2033 4.2).
    """

    id: str  # queue id or delivery id, told to the client
    faults: tuple[Fault | None, ...]


class Inbound(Protocol):
    """The octets of one message, dot-unstuffed, CRLF line ends only."""

    def write(self, data: bytes) -> None:
        """Add octets; may touch the disk. Too much is a Fault(TOO_BIG) from `finish`, not from here."""

    def finish(self) -> Delivered:
        """Durable when it returns. Raises Fault when the message as a whole is refused."""

    def discard(self) -> None:
        """The transaction was given up."""


class Gate(Protocol):
    """One service's rules: an MX, a submission or an LMTP gate."""

    @property
    def max_size(self) -> int:
        """Octets, announced by SIZE."""

    @property
    def max_recipients(self) -> int:
        """Announced by LIMITS (RFC 9422)."""

    def sender(self, address: str, principal: Principal | None) -> None:
        """May this reverse-path be used? Faults DENIED (not yours), BAD_REQUEST."""

    def recipient(self, address: str, principal: Principal | None) -> None:
        """May mail go there? Faults NOT_FOUND, OVER_QUOTA, DENIED (relaying), TRY_LATER (directory away)."""

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Inbound:
        """Begin taking the message in. Fault TRY_LATER when the disk is nearly full."""
