"""A client that is signing in: `odcore.sasl.api.Peer` for sessions that are conversations."""

from collections.abc import Awaitable, Callable
from typing import Generic, ParamSpec, TypeVar

from odcore.identity.api import SignIn
from odcore.sasl.api import Cancelled, Channel
from odcore.sasl.engine import decode
from odcore.session.conversation import Conversation

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Conversation)


class Entrant(Generic[S]):
    """A protocol says its name, and how a challenge goes out and a response comes in."""

    service = ""

    def __init__(self, session: S) -> None:
        self.session = session

    async def exchange(self, challenge: bytes) -> bytes:
        """The response as it came: base64, or "*"."""
        raise NotImplementedError

    @property
    def client(self) -> str:
        """See `odcore.sasl.api.Peer`: most protocols have no word for it."""
        return ""

    @property
    def address(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.address

    @property
    def sign_in(self) -> SignIn:
        """See `odcore.sasl.api.Peer`."""
        return self.session.house.sign_in

    @property
    def channel(self) -> Channel:
        """See `odcore.sasl.api.Peer`."""
        return self.session.channel

    async def ask(self, challenge: bytes) -> bytes:
        """See `odcore.sasl.api.Peer`."""
        response = await self.exchange(challenge)
        if response == b"*":
            raise Cancelled
        return decode(response)

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """See `odcore.sasl.api.Peer`."""
        return self.session.call(function, *args, **kwargs)
