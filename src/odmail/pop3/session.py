"""One client's session: states, dispatch, answers.  RFC 1939 3

`_run` is the coroutine that lives as long as the connection; verbs run between two of its lines, one at a time and in
the order they came, so that a client may send many at once (RFC 2449 6.6).
"""

from collections.abc import Mapping

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.later import Disconnected, drive
from odcore.session.conversation import Conversation
from odcore.session.ports import Connection
from odmail.pop3.maildrop import Maildrop
from odmail.pop3.ports import House
from odmail.pop3.registry import Verb
from odmail.pop3.types import BadSyntax, Reply, State
from odmail.wire.smtp_lines import COMMAND_LIMIT, Broken, Lines

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
    Kind.NO_SPACE: "SYS/TEMP",
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


class Session(Conversation):
    """See the module's docstring. Verbs use what has no underscore."""

    house: House

    def __init__(self, house: House, verbs: Mapping[bytes, Verb], connection: Connection) -> None:
        super().__init__(house, connection)
        self.verbs = verbs
        self.maildrop: Maildrop | None = None
        self.user = b""  # as USER named it
        self._lines = Lines()
        self._waiting = 0
        self._errors = 0

    # What the socket's owner calls.

    def start(self) -> None:
        """Greet, and listen."""
        self.write(Reply("odmail ready").encode())
        drive(self._run())

    def take(self, data: bytes) -> None:
        """See `odcore.session.conversation`."""
        self._waiting += len(data)
        self._lines.feed(data)

    @property
    def is_flooded(self) -> bool:
        """See `odcore.session.conversation`."""
        return self.busy and self._waiting > AHEAD

    def end(self, text: str, code: str = "") -> None:
        """Say why and hang up, whatever is going on. Nothing that was marked is deleted.  RFC 1939 6"""
        if not self.closing:
            self.write(Reply(text, ok=False, code=code).encode())
            self.hang_up()

    # What verbs use.

    @property
    def state(self) -> State:
        """Where the session is."""
        return State.AUTHORIZATION if self.maildrop is None else State.TRANSACTION

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

    # The conversation.

    async def _input(self) -> None:
        self._waiting = 0
        await super()._input()

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
        self.proceed()

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
