"""The half of a session that talks: frames come in, lines go out."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from odcore.later import Disconnected
from odcore.session import conversation
from odmail.imap.intake import Intake
from odmail.imap.ports import Connection, House
from odmail.imap.registry import Registry
from odmail.wire.lines import Frame, Line

P = ParamSpec("P")
T = TypeVar("T")


AT_ONCE = 10
"""Pieces of work done at once, until others have their turn."""


class Conversation(conversation.Conversation):
    """What IMAP adds: literals, compression, and pieces of work that need no thread."""

    __slots__ = ("_hurried", "_intake", "registry")

    house: House
    _connection: Connection

    def __init__(self, house: House, registry: Registry, connection: Connection) -> None:
        super().__init__(house, connection)
        self.registry = registry
        self._intake = Intake(registry)
        self._hurried = 0  # pieces of work done at once, one after the other

    # What the socket's owner calls.

    def take(self, data: bytes) -> None:
        """See `odcore.session.conversation`."""
        self._intake.framer.feed(data)

    @property
    def is_flooded(self) -> bool:
        """See `odcore.session.conversation`."""
        return self._intake.framer.waiting > 2 * self._intake.limits.line

    def end(self, text: str, code: bytes = b"") -> None:
        """Say BYE and hang up, whatever is going on."""
        if not self.closing:
            self.write(b"* BYE %b\r\n" % said(text, code))
            self.hang_up()

    def dismiss(self) -> None:
        """See `odcore.session.conversation`."""
        self.end("Too many failures")

    # What commands use.

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Do blocking work: `box = await session.call(account.mailbox, name)`."""
        self._hurried = 0
        return super().call(function, *args, **kwargs)

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
        """See `odcore.session.conversation`: also woken by a hint that the selected mailbox moved on."""
        self._hurried = 0
        await super()._input()

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
