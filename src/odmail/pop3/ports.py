"""What the POP3 engine asks of the world around it.  RFC 1939"""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, TypeVar

import msgspec

from odcore.directory.model import AccountRef
from odcore.identity.api import SignIn
from odcore.later import Later
from odcore.sasl.api import Channel
from odmail.mailbox.api import MailAccount

P = ParamSpec("P")
T = TypeVar("T")


class Connection(Protocol):
    """One client's socket."""

    @property
    def secure(self) -> bool:
        """Is it inside TLS?"""

    @property
    def channel(self) -> Channel:
        """What that TLS vouches for."""

    @property
    def address(self) -> str:
        """The client's network address."""

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
    """The one way to blocking work."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class House(msgspec.Struct, frozen=True):
    """What all sessions of a process share. `open` blocks: it may make the account."""

    sign_in: SignIn
    open: Callable[[AccountRef], MailAccount]
    call: Call
    measure: Callable[[str, str, float], None] = lambda _verb, _outcome, _seconds: None  # told of each command
