"""What one SMTP server needs from the house, and what it knows of a client."""

from collections.abc import Callable

import msgspec

from odcore.identity.api import SignIn
from odcore.identity.presence import Presence
from odcore.sasl.api import Channel
from odmail.delivery.ports import Gate
from odmail.history.model import Note, nothing
from odmail.smtp.types import Service


class House(msgspec.Struct, frozen=True):
    """Shared by all sessions of one server."""

    host: str  # our name, as greeting and EHLO say it
    service: Service
    gate: Gate
    sign_in: SignIn | None = None
    presence: Presence = msgspec.field(default_factory=Presence)
    starttls: bool = False  # is there a certificate to offer?
    note: Note = nothing  # told of what is refused
    measure: Callable[[str, str, float], None] = lambda _verb, _outcome, _seconds: None  # told of each verb


class Peer(msgspec.Struct, frozen=True):
    """Who is at the other end."""

    address: str  # network address, "" for a Unix socket
    session: str  # id in the logs
    tls: str = ""  # "TLSv1.3 with cipher ..." where TLS came first
    channel: Callable[[], Channel] = Channel  # what the TLS around it vouches for at this moment
