"""Where SMTP meets the house: what an arriving session asks of it, and what it asks of the outside.

Blocking calls: the server runs those of `Gate` and `Inbound` on `odcore.net.hop`, where every refusal is a `Fault`;
delivery calls `RemoteSender` from a thread of its own.
"""

import enum
from collections.abc import Callable
from math import inf
from typing import Protocol

import msgspec

from odcore.blob.api import Body
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.net.dns import Tlsa
from odmail.queue.model import Envelope, Origin, Status


class Refused(Fault):
    """A Fault for which SMTP has an enhanced status code of its own (RFC 3463, RFC 7372)."""

    def __init__(self, kind: Kind, text: str, enhanced: str) -> None:
        super().__init__(kind, text)
        self.enhanced = enhanced


class Crowded(Refused):
    """Others are looked at just now. Nothing is lost yet: `Inbound.finish` may be called again in a moment."""

    def __init__(self) -> None:
        super().__init__(Kind.TRY_LATER, "Too many messages at one time, try again later.", "4.3.2")


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
        """Durable when it returns. Raises Fault when the message as a whole is refused, to be discarded then; Crowded
        when it may wait.
        """

    def discard(self) -> None:
        """The transaction was given up."""


Done = Callable[[Delivered | Exception], None]


class Gate(Protocol):
    """One service's rules: an MX, a submission or an LMTP gate."""

    def soon(self, origin: Origin) -> Callable[[Envelope, Origin, bytes, Done], None] | None:
        """`receive` to `finish` in one for a message of at most 32 KiB, where nobody may wait: `done` hears of it from
        another thread. None where taking a message in needs more than a commit.
        """

    @property
    def max_size(self) -> int:
        """Octets, announced by SIZE."""

    @property
    def max_recipients(self) -> int:
        """Announced by LIMITS (RFC 9422)."""

    def sender(self, address: str, principal: Principal | None) -> None:
        """May this reverse-path be used? Faults DENIED (not yours), BAD_REQUEST, LIMIT (disk nearly full).

        Without a principal it is answered from memory: called where nothing may block.
        """

    def knows(self, address: str) -> bool:
        """Would `recipient` let anybody's mail there, as far as memory tells? Never blocks; False is no answer."""

    def recipient(self, address: str, principal: Principal | None) -> None:
        """May mail go there? Faults NOT_FOUND, OVER_QUOTA, DENIED (relaying), TRY_LATER (directory away)."""

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Inbound:
        """Begin taking the message in. Fault TRY_LATER when the disk is nearly full."""


class Security(enum.StrEnum):
    """How a message may travel."""

    NONE = "none"  # in clear, even where the peer offers STARTTLS
    OPPORTUNISTIC = "opportunistic"  # TLS where offered, any certificate, else in clear (RFC 7435)
    ENCRYPTED = "encrypted"  # TLS with any certificate, or not at all (RFC 7672 2.2)
    REQUIRED = "required"  # TLS with a certificate that names the host, or not at all
    DANE = "dane"  # TLS with a certificate that the host's TLSA records ask for, or not at all (RFC 7672)

    @property
    def may_be_clear(self) -> bool:
        """Better in clear than not at all?"""
        return self in (Security.NONE, Security.OPPORTUNISTIC)


class Host(msgspec.Struct, frozen=True):
    """A mail exchanger, already looked up, and how a message may travel to it."""

    name: str  # for SNI, certificates and reports
    addresses: tuple[str, ...]  # IP addresses, best first
    port: int = 25
    security: Security = Security.OPPORTUNISTIC
    tlsa: tuple[Tlsa, ...] = ()  # for DANE
    names: tuple[str, ...] = ()  # for DANE: one of these must be the certificate's if an authority signed it


class RelayLogin(msgspec.Struct, frozen=True):
    """Credentials for a relay that wants them. Never logged, never printed."""

    login: str
    password: str

    def __repr__(self) -> str:
        return f"RelayLogin(login={self.login!r})"


class Session(msgspec.Struct, frozen=True):
    """What became of TLS with one server: `problem` is "" where it worked, else as RFC 8460 4.3 calls it."""

    host: str
    address: str
    problem: str = ""
    reason: str = ""


class Shipment(msgspec.Struct, frozen=True):
    """One message for one destination: every recipient of the envelope goes to these hosts."""

    id: str  # queue id, for the logs
    hosts: tuple[Host, ...]  # tried in this order until one answers for the recipients
    envelope: Envelope
    body: Body
    login: RelayLogin | None = None
    patience: int | None = None  # seconds for a connection to open; None: as the sender is set
    seconds: float = inf  # for all of it; then it is given up, to be tried again
    implicit_tls: bool = False  # TLS from the first octet (RFC 8314 3.3)
    sessions: list[Session] = msgspec.field(default_factory=list)  # the sender adds those it began


class Outcome(msgspec.Struct, frozen=True):
    """What became of one recipient: DELIVERED, FAILED for good, or WAITING for another attempt."""

    status: Status
    code: int  # the reply's three digits, ours when no reply came
    enhanced: str  # "5.1.1" (RFC 3463), made up from the code when the peer gave none
    text: str  # the reply's text, one line, printable
    host: str = ""  # "mx.example [192.0.2.1]", "" when nobody answered
    tls: str = ""  # "TLSv1.3 with cipher ...", "" for clear
    dsn: bool = False  # the peer offered DSN: notices of success are its duty now (RFC 3461 5.2.2)
    why: str = ""  # how we came to it: for the history, never for others
    turned_away: bool = False  # at the door: nobody there had a word on this message or this recipient

    @property
    def reply(self) -> str:
        """As a log, a settlement or a DSN's Diagnostic-Code shows it."""
        return f"{self.code} {self.enhanced} {self.text}"


class RemoteSender(Protocol):
    """Hands messages to other people's servers. `odmail.smtp.sender` is one."""

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        """One outcome for each recipient, in the envelope's order.

        Blocks, so call it from a thread; any number of threads may. Whatever the network or the peer does
        becomes an Outcome: nothing is raised for it. Connections are kept for the next message to the same host.
        """
