"""What the ManageSieve engine asks of the world around it."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, TypeVar

import msgspec

from odcore.directory.model import AccountRef
from odcore.identity.api import SignIn
from odcore.later import Later
from odcore.sasl.api import Channel
from odmail.mailbox.api import MailAccount
from odmail.sieve.compiler import Warned

P = ParamSpec("P")
T = TypeVar("T")


class Connection(Protocol):
    """One client's socket."""

    @property
    def secure(self) -> bool:
        """Is it inside TLS?"""

    @property
    def channel(self) -> Channel:
        """What the TLS around it vouches for."""

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


class CallPort(Protocol):
    """The one way to blocking work: `await call(account.scripts)`."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


def unmeasured(_command: str, _outcome: str, _seconds: float) -> None:
    """For who counts nothing."""


class House(msgspec.Struct, frozen=True):
    """What all sessions of a process share. `open` and `check` block."""

    sign_in: SignIn
    open: Callable[[AccountRef], MailAccount]
    check: Callable[[MailAccount, str], tuple[Warned, ...]]  # a script of the account; Fault BAD_REQUEST, TRY_LATER
    call: CallPort
    measure: Callable[[str, str, float], None] = unmeasured
