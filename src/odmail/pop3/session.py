"""One client's session: states, dispatch, answers.  RFC 1939 3

`_run` is the coroutine that lives as long as the connection; verbs run between two of its lines, one at a time and in
the order they came, so that a client may send many at once (RFC 2449 6.6). It waits in three places only: for a line,
for blocking work, and for room in the socket.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import ParamSpec, TypeVar

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.later import Disconnected, Later, drive
from odcore.sasl.api import Channel
from odmail.pop3.maildrop import Maildrop
from odmail.pop3.ports import Connection, House
from odmail.pop3.registry import Verb
from odmail.pop3.types import BadSyntax, Reply, State
from odmail.wire.smtp_lines import COMMAND_LIMIT, Broken, Lines

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

MAX_ERRORS = 20
"""Lines that were no commands before sign-in, until we hang up."""

AHEAD = 64 << 10
"""Octets of commands that may wait while one is at work."""

CODES: dict[Kind, str] = {
    Kind.NOT_FOUND: "",
    Kind.EXISTS: "",
    Kind.DENIED: "",
    Kind.LOGIN: "AUTH",  # RFC 3206 5
    Kind.OVER_QUOTA: "",
    Kind.TOO_BIG: "",
    Kind.LIMIT: "LOGIN-DELAY",  # RFC 2449 8.1.1
    Kind.BAD_REQUEST: "",
    Kind.UNSUPPORTED: "",
    Kind.CONFLICT: "",
    Kind.EXPUNGED: "",
    Kind.IN_USE: "IN-USE",  # RFC 2449 8.1.2
    Kind.HELD: "",
    Kind.TRY_LATER: "SYS/TEMP",  # RFC 3206 4
    Kind.INTERNAL: "SYS/PERM",
}
"""What each kind of failure is called on the wire."""


class Session:
    """See the module's docstring. Verbs use what has no underscore."""

    def __init__(self, house: House, verbs: Mapping[bytes, Verb], connection: Connection) -> None:
        self.house = house
        self.verbs = verbs
        self.id = ids.readable(8)
        self.principal: Principal | None = None
        self.maildrop: Maildrop | None = None
        self.user = b""  # as USER named it
        self.logins = 0  # failed ones
        self.afterwards: Callable[[], None] | None = None  # to be done once the verb was answered
        self.busy = False  # working, not waiting for the client
        self.closing = False
        self.began_at = self.heard_at = clock.monotonic()
        self._connection = connection
        self._lines = Lines()
        self._waiting = 0
        self._errors = 0
        self._paused = False
        self._awaited: Later[None] | None = None

    # What the socket's owner calls.

    def start(self) -> None:
        """Greet, and listen."""
        self.write(Reply("odmail ready").encode())
        drive(self._run())

    def received(self, data: bytes) -> None:
        """Octets of the client."""
        if self.closing:
            return
        self.heard_at = clock.monotonic()
        self._waiting += len(data)
        self._lines.feed(data)
        self._wake()
        if not self._paused and not self.closing and self.busy and self._waiting > AHEAD:
            self._paused = True
            self._connection.pause()

    def lost(self) -> None:
        """The client is gone, and nothing that it marked is deleted.  RFC 1939 6"""
        self.closing = True
        self._wake()

    def end(self, text: str, code: str = "") -> None:
        """Say why and hang up, whatever is going on."""
        if not self.closing:
            self.write(Reply(text, ok=False, code=code).encode())
            self.hang_up()

    # What verbs use.

    @property
    def state(self) -> State:
        """Where the session is."""
        return State.AUTHORIZATION if self.maildrop is None else State.TRANSACTION

    @property
    def secure(self) -> bool:
        """Inside TLS?"""
        return self._connection.secure

    @property
    def channel(self) -> Channel:
        """What that TLS vouches for."""
        return self._connection.channel

    @property
    def address(self) -> str:
        """The client's network address."""
        return self._connection.address

    @property
    def drop(self) -> Maildrop:
        """The maildrop, once signed in."""
        if self.maildrop is None:
            raise RuntimeError("nobody is signed in")
        return self.maildrop

    def message(self, argument: bytes) -> int:
        """The number of a message that is there; BadSyntax else."""
        number = int(argument) if argument.isdigit() and len(argument) < 10 else 0
        if not 0 < number <= len(self.drop) or number in self.drop.deleted:
            raise BadSyntax("no such message")
        return number

    def write(self, data: bytes) -> None:
        """Send something small."""
        if not self.closing:
            self._connection.write(data)

    async def send(self, data: bytes) -> None:
        """Send something large, and wait while the socket is full."""
        if self.closing:
            raise Disconnected
        self._connection.write(data)
        if (room := self._connection.drained()) is not None:
            await room

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Do blocking work."""
        return self.house.call(function, *args, **kwargs)

    async def line(self, limit: int = COMMAND_LIMIT) -> bytes | Broken:
        """The client's next line."""
        while (line := self._lines.next(limit)) is None:
            await self._input()
        return line

    def start_tls(self) -> None:
        """Everything from here on is TLS, and nothing said before it counts.  RFC 2595 4"""
        self._lines = Lines()
        self.user = b""
        self._connection.start_tls()

    def hang_up(self) -> None:
        """Close once all is sent."""
        self.closing = True
        self._connection.close()
        self._wake()

    # The conversation.

    def _wake(self) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            awaited.set(None)

    async def _input(self) -> None:
        if self.closing:
            raise Disconnected
        awaited = self._awaited = Later()
        self._waiting = 0
        if self._paused:
            self._paused = False
            self._connection.resume()
        self.busy = False
        await awaited
        self.busy = True
        if self.closing:
            raise Disconnected

    async def _run(self) -> None:
        try:
            while not self.closing:
                await self._command(await self.line())
        except Disconnected:
            pass
        except Exception as error:
            log.exception("session ended by a bug", session=self.id, error=type(error).__name__)
            self.end("internal error", "SYS/PERM")
        finally:
            if self.maildrop is not None:
                await self.house.call(self.maildrop.close)

    async def _command(self, line: bytes | Broken) -> None:
        began = clock.monotonic()
        name, argument = b"", b""
        if isinstance(line, bytes):
            name, _, argument = line.partition(b" ")
        verb = self.verbs.get(name.upper())
        if line is Broken.FLOOD:
            self.end("line too long")
            return
        if verb is None:
            reply: Reply | None = Reply("what is that?", ok=False)
        elif self.state not in verb.states:
            reply = Reply("not now", ok=False)
        else:
            reply = await self._guard(verb, argument)
        if reply is not None:
            self._answer(reply)
        outcome = "ok" if reply is None or reply.ok else "err"
        self.house.measure(verb.name.decode() if verb else "other", outcome, clock.monotonic() - began)
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            afterwards()

    async def _guard(self, verb: Verb, argument: bytes) -> Reply | None:
        """Run, and turn whatever goes wrong into an answer."""
        try:
            return await verb.run(self, argument)
        except Disconnected:
            raise
        except Fault as fault:
            return Reply(fault.text, ok=False, code=CODES[fault.kind])
        except BadSyntax as error:
            return Reply(str(error), ok=False)
        except Exception as error:
            reference = ids.readable(8)
            log.exception("bug", session=self.id, reference=reference, error=type(error).__name__)
            return Reply(f"internal error, reference {reference}", ok=False, code="SYS/PERM")

    def _answer(self, reply: Reply) -> None:
        self.write(reply.encode())
        if not reply.ok and self.principal is None:
            self._errors += 1
            if self._errors >= MAX_ERRORS:
                self.end("too many errors")
