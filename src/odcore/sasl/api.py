"""What a mechanism is, and what it asks of the protocol around it.  RFC 4422

A mechanism is a coroutine without I/O: it awaits the client's responses (`Peer.ask`) and blocking work (`Peer.call`),
and ends with the person who signed in, or with what the protocol turns into its own words:

    Cancelled    the client gave up ("*")
    Malformed    what it sent is not what the mechanism's grammar allows
    Fault        LOGIN, LIMIT, DENIED, TRY_LATER, as `odcore.identity.api.SignIn` says them
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, Protocol, TypeVar

import msgspec

from odcore.identity.api import Principal, SignIn

P = ParamSpec("P")
T = TypeVar("T")


class Cancelled(Exception):
    """The client broke the exchange off.  RFC 4422 3.5"""


class Malformed(Exception):
    """A message that no mechanism could have meant."""


class Channel(msgspec.Struct, frozen=True):
    """What the TLS around a session vouches for. Empty outside of TLS, and where another program's TLS ends."""

    bindings: dict[str, bytes] = {}  # channel binding type to its data.  RFC 5929, RFC 9266
    addresses: tuple[str, ...] = ()  # e-mail addresses in the client's certificate, which was verified


class Peer(Protocol):
    """One client of one protocol, while it signs in. Each protocol brings its own.

    Octets are bare here: base64, and where the protocol allows an initial response, are the protocol's business.
    """

    @property
    def service(self) -> str:
        """ "imap", "submission", "pop3", "managesieve", "ldap": what the person signs in to."""

    @property
    def address(self) -> str:
        """The client's network address."""

    @property
    def client(self) -> str:
        """What the client's program calls itself; "" if it did not say."""

    @property
    def sign_in(self) -> SignIn:
        """Who checks."""

    @property
    def channel(self) -> Channel:
        """The TLS around it."""

    async def ask(self, challenge: bytes) -> bytes:
        """Send a challenge and wait for the response. Raises Cancelled, or Malformed where it is no base64."""

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Do blocking work."""


Run = Callable[[Peer, bytes | None], Coroutine[Any, Any, Principal]]
"""The exchange from its initial response (None: the client sent none with the command) to its end."""


def always(_sign_in: SignIn, _channel: Channel) -> bool:
    """For mechanisms that every session may use."""
    return True


class Mechanism(msgspec.Struct, frozen=True):
    """One mechanism's declaration."""

    name: str
    rfc: str
    run: Run
    offered: Callable[[SignIn, Channel], bool] = always  # does it make sense in this session?


async def first(peer: Peer, initial: bytes | None) -> bytes:
    """What the client says first, in mechanisms where it does: asked for by an empty challenge if need be."""
    return initial if initial is not None else await peer.ask(b"")
