"""The half of a session that talks: octets in, octets out, waiting, hanging up.

Whoever owns the socket feeds `received`; everything else happens in one coroutine that takes commands one at a time
and in order. It waits in three places only: for the client (`frame`), for blocking work (`call`), and for room in the
socket (`send`). A client that leaves ends the first and the last of these with Disconnected, so that work begun in the
store is always finished and what it opened is closed again.
"""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from odcore import clock, ids
from odcore.later import Disconnected, Later
from odcore.sasl.api import Channel
from odmail.imap.intake import Intake
from odmail.imap.ports import Connection, House
from odmail.imap.registry import Registry
from odmail.wire.lines import Frame, Line

P = ParamSpec("P")
T = TypeVar("T")


AT_ONCE = 10
"""Pieces of work done at once, until others have their turn."""


class Conversation:
    """See the module's docstring. `Session` is the other half."""

    __slots__ = (
        "_awaited",
        "_connection",
        "_hurried",
        "_intake",
        "_paused",
        "began_at",
        "busy",
        "closing",
        "heard_at",
        "house",
        "id",
        "registry",
    )

    def __init__(self, house: House, registry: Registry, connection: Connection) -> None:
        self.house = house
        self.registry = registry
        self.id = ids.readable(8)
        self.busy = False  # working, not waiting for the client
        self.closing = False
        self.began_at = self.heard_at = clock.monotonic()
        self._connection = connection
        self._intake = Intake(registry)
        self._awaited: Later[None] | None = None
        self._paused = False
        self._hurried = 0  # pieces of work done at once, one after the other

    # What the socket's owner calls.

    def received(self, data: bytes) -> None:
        """Octets of the client."""
        if self.closing:
            return
        self.heard_at = clock.monotonic()
        framer = self._intake.framer
        framer.feed(data)
        self._wake()
        if not self._paused and not self.closing and framer.waiting > 2 * self._intake.limits.line:
            self._paused = True  # it sends faster than we work: let the network hold it back
            self._connection.pause()

    def lost(self) -> None:
        """The client is gone."""
        self.closing = True
        self.leave()
        self._wake()

    def end(self, text: str, code: bytes = b"") -> None:
        """Say BYE and hang up, whatever is going on."""
        if not self.closing:
            self.write(b"* BYE %b\r\n" % said(text, code))
            self.hang_up()

    def hang_up(self) -> None:
        """Close once all is sent."""
        self.closing = True
        self.leave()
        self._connection.close()
        self._wake()

    def leave(self) -> None:
        """Let go of what others hold for us."""

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
        self._hurried = 0
        return self.house.call(function, *args, **kwargs)

    def quick(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """The same for a few rows that are nearly always in memory: at once, if it need not wait.

        A client that sends many commands in one go does not keep all others waiting: now and then it hops.
        """
        self._hurried += 1
        if self.house.quick is None or self._hurried > AT_ONCE:
            return self.call(function, *args, **kwargs)
        return self.house.quick(function, *args, **kwargs)

    async def frame(self) -> Frame:
        """The next frame, for a command that reads on: IDLE, AUTHENTICATE, APPEND."""
        while (frame := self._intake.framer.next()) is None:
            await self._input()
        return frame

    async def line(self) -> bytes:
        """The client's next line."""
        return self._plain(await self.frame())

    def _plain(self, frame: Frame) -> bytes:
        """A line where no literal can stand."""
        if isinstance(frame, Line) and frame.literal is None:
            return frame.data
        self.end("That was not a line")
        raise Disconnected

    async def _input(self) -> None:
        """Wait for the client to say more, or for a hint that the selected mailbox moved on."""
        if self.closing:
            raise Disconnected
        awaited = self._awaited = Later()
        if self._paused:
            self._paused = False
            self._connection.resume()
        self.busy = False
        self._hurried = 0
        await awaited
        self.busy = True
        if self.closing:
            raise Disconnected

    def start_tls(self) -> None:
        """Everything from here on is TLS, and nothing said before it counts.  RFC 9051 6.2.1"""
        self._intake.clear()
        self._connection.start_tls()

    @property
    def compressed(self) -> bool:
        """Is the connection compressed?"""
        return self._connection.compressed

    def compress(self) -> None:
        """Everything from here on is compressed; a client waits for the answer before it says more.  RFC 4978 3"""
        self._intake.clear()
        self._connection.compress()


def said(text: str, code: bytes) -> bytes:
    """The text of a status response, its code in front."""
    octets = text.encode("ascii", "replace")
    return b"[%b] %b" % (code, octets) if code else octets
