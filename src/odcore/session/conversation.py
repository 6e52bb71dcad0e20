"""The half of a session that talks, for every protocol whose clients stay: octets in and out, waiting, hanging up.

Whoever owns the socket feeds `received`; everything else happens in one coroutine that takes commands one at a time
and in order. It waits in three places only: for the client (`_input`), for blocking work (`call`), and for room in the
socket (`send`). A client that leaves ends the first and the last of these with Disconnected, so that work begun in the
store is always finished and what it opened is closed again.
"""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from odcore import clock, ids
from odcore.identity.api import Principal
from odcore.ids import AccountId
from odcore.later import Disconnected, Later
from odcore.sasl.api import Channel
from odcore.session.ports import Connection, House

P = ParamSpec("P")
T = TypeVar("T")

MAX_FAILURES = 3
"""Sign-ins that may fail, until we hang up."""


class Conversation:
    """See the module's docstring. A protocol's session is the other half; commands use what has no underscore."""

    __slots__ = (
        "_awaited",
        "_connection",
        "_counted",
        "_finished",
        "_paused",
        "afterwards",
        "began_at",
        "busy",
        "closing",
        "failures",
        "heard_at",
        "house",
        "id",
        "principal",
    )

    def __init__(self, house: House, connection: Connection) -> None:
        self.house = house
        self.id = ids.readable(8)
        self.principal: Principal | None = None
        self.failures = 0  # of sign-ins
        self.busy = False  # working, not waiting for the client
        self.closing = False
        self.afterwards: Callable[[], None] | None = None  # to be done once the command was answered
        self.began_at = self.heard_at = clock.monotonic()
        self._connection = connection
        self._awaited: Later[None] | None = None
        self._paused = False
        self._finished = False
        self._counted: AccountId | None = None  # as a session of this account

    # What a protocol says.

    def take(self, data: bytes) -> None:
        """Octets of the client."""
        raise NotImplementedError

    @property
    def is_flooded(self) -> bool:
        """Has the client said more than may wait while we work?"""
        raise NotImplementedError

    def leave(self) -> None:
        """Let go of what others hold for us."""

    def dismiss(self) -> None:
        """Hang up on who cannot sign in."""
        self.hang_up()

    # What the socket's owner calls.

    def received(self, data: bytes) -> None:
        """Octets of the client."""
        if self.closing:
            return
        self.heard_at = clock.monotonic()
        self.take(data)
        self._wake()
        if not self._paused and not self.closing and self.is_flooded:
            self._paused = True  # it sends faster than we work: let the network hold it back
            self._connection.pause()

    def finished(self) -> None:
        """The client says nothing more, but is owed the answers to what it has said."""
        self._finished = True
        self._wake()

    def lost(self) -> None:
        """The client is gone."""
        self.closing = True
        self.leave()
        self._wake()
        self._uncount()

    def hang_up(self) -> None:
        """Close once all is sent."""
        self.closing = True
        self.leave()
        self._connection.close()
        self._wake()

    def _wake(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            awaited.set(None)

    # What commands use.

    @property
    def secure(self) -> bool:
        """Inside TLS?"""
        return self._connection.secure

    @property
    def address(self) -> str:
        """The client's network address."""
        return self._connection.address

    @property
    def channel(self) -> Channel:
        """What the TLS around it vouches for."""
        return self._connection.channel

    def admit(self, principal: Principal) -> None:
        """From now on the client is somebody. Fault LIMIT where the account has too many sessions."""
        if self.closing:
            raise Disconnected
        self.house.presence.enter(principal.account.id)
        self.principal, self._counted = principal, principal.account.id

    def forget(self) -> None:
        """From now on the client is nobody."""
        self.principal = None
        self._uncount()

    def _uncount(self) -> None:
        account, self._counted = self._counted, None
        if account is not None:
            self.house.presence.leave(account)

    def refused(self) -> None:
        """A sign-in has failed. A few of them end the connection, once the last was answered."""
        self.failures += 1
        if self.failures >= MAX_FAILURES:
            self.afterwards = self.dismiss

    def write(self, data: bytes) -> None:
        """Send something small."""
        if not self.closing:
            self._connection.write(data)

    async def send(self, data: bytes) -> None:
        """Send something large, and wait while the socket is full. In a long answer: some 64 KiB at a time."""
        if self.closing:
            raise Disconnected
        self._connection.write(data)
        await self.room()

    async def room(self) -> None:
        """Wait while the socket is full: nothing heaps up for a client that does not read."""
        room = self._connection.drained()
        if room is not None:
            await room

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Do blocking work: `box = await session.call(account.mailbox, name)`."""
        return self.house.call(function, *args, **kwargs)

    def proceed(self) -> None:
        """The command was answered: do what was to follow."""
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            afterwards()

    async def _input(self) -> None:
        """Wait for the client to say more, or to be woken by something else."""
        if self.closing:
            raise Disconnected
        awaited = self._awaited = Later()
        if self._paused:
            self._paused = False
            self._connection.resume()
        if self._finished and self._awaited is awaited:
            self.hang_up()
            raise Disconnected
        self.busy = False
        await awaited
        self.busy = True
        if self.closing:
            raise Disconnected
