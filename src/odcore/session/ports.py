"""What the engines of protocols whose clients stay ask of the world around them."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, TypeVar

from odcore.identity.api import SignIn
from odcore.identity.presence import Presence
from odcore.later import Later
from odcore.sasl.api import Channel

P = ParamSpec("P")
T = TypeVar("T")


class Connection(Protocol):
    """One client's socket."""

    @property
    def secure(self) -> bool:
        """Is it inside TLS?"""

    @property
    def address(self) -> str:
        """The client's network address."""

    @property
    def channel(self) -> Channel:
        """What the TLS around it vouches for."""

    def write(self, data: bytes) -> None:
        """Send; what the socket does not take now is kept."""

    def drained(self) -> Later[None] | None:
        """None while the socket takes more; else done when it does again (and failed when it is gone)."""

    def pause(self) -> None:
        """Read no more from the client for now."""

    def resume(self) -> None:
        """Read again."""

    def start_tls(self) -> None:
        """What was written goes out as it is; everything after it, both ways, is TLS."""

    def close(self) -> None:
        """End it once all that was written is out."""


class Call(Protocol):
    """The one way to blocking work: `await call(account.mailbox, name)`."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class House(Protocol):
    """What all sessions of a process share, whatever they speak."""

    @property
    def call(self) -> Call:
        """Blocking work."""

    @property
    def sign_in(self) -> SignIn:
        """Who checks."""

    @property
    def presence(self) -> Presence:
        """Who is here already."""
