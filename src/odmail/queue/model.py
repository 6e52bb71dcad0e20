"""Envelopes, recipients and attempts as the queue keeps them."""

import enum

import msgspec

from odcore import ids
from odcore.ids import AccountId
from odmail.queue.verdict import Verdict


def new_id() -> str:
    """A queue id: short enough to be read out over the telephone."""
    return ids.readable(12)


class Recipient(msgspec.Struct, frozen=True):
    """One forward-path with its DSN wishes (RFC 3461 4.1, 4.2)."""

    address: str
    notify: tuple[str, ...] = ()  # of "NEVER", "SUCCESS", "FAILURE", "DELAY"; () when not stated
    orcpt: str = ""  # "rfc822;address", xtext decoded


class Envelope(msgspec.Struct, frozen=True):
    """A mail transaction's envelope (RFC 5321 2.3.1) with its parameters."""

    sender: str  # "" is the null reverse-path
    recipients: tuple[Recipient, ...]
    body: str = "7BIT"  # "7BIT", "8BITMIME"
    smtputf8: bool = False
    ret: str = ""  # "FULL", "HDRS" or not stated (RFC 3461 4.3)
    envid: str = ""
    release: int = 0  # not before, seconds since the epoch (RFC 4865)
    requiretls: bool = False  # from here on by TLS and to the right server, or not at all (RFC 8689)
    approved: tuple[str, ...] = ()  # moderated lists that let it through
    route: str = ""  # "host:port": an administrator sends it by this server; "" by MX


class Origin(msgspec.Struct, frozen=True):
    """Where a message came from, for Received, audit and trace."""

    service: str  # "mx", "submission", "lmtp", "local"
    address: str = ""  # client's network address
    helo: str = ""
    tls: str = ""  # "TLSv1.3 with cipher ...", "" for clear
    person: AccountId | None = None  # who submitted it
    account: AccountId | None = None  # as whom: the person or a post
    session: str = ""  # id in the logs
    via: str = ""  # the list of ours whose members the recipients are
    leave: str = ""  # the same, where members outside may leave it by a link of their own (RFC 8058)
    verdict: Verdict | None = None  # what its checks found, None when it had to pass none


class Status(enum.StrEnum):
    """Of one recipient of one queued message."""

    WAITING = "waiting"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"


class Queued(msgspec.Struct, frozen=True):
    """A message in the queue, as `odmail queue show` and the worker see it."""

    id: str
    envelope: Envelope
    origin: Origin
    size: int
    accepted: int  # seconds since the epoch
    recipients: "tuple[QueuedRecipient, ...]"

    @property
    def begun(self) -> int:
        """Since when it has been on its way."""
        return max(self.accepted, self.envelope.release)


class State(enum.StrEnum):
    """How a destination outside stands with us."""

    OPEN = "open"
    NARROWED = "narrowed"  # it turned some of us away: fewer conversations, until some time
    RESTING = "resting"  # it turned all of us away: nobody asks it, until some time; then one message does


class Destination(msgspec.Struct, frozen=True):
    """A domain, or the relay, that mail goes to."""

    name: str
    state: State = State.OPEN
    at_once: int = 0  # conversations, when narrowed
    until: int = 0  # seconds since the epoch
    reply: str = ""  # what it turned us away with
    waiting: int = 0  # recipients


class QueuedRecipient(msgspec.Struct, frozen=True):
    """One recipient's standing."""

    number: int
    recipient: Recipient
    status: Status
    attempts: int
    due: int  # seconds since the epoch
    last_reply: str = ""
    notified: bool = False  # the sender has been told of the delay
