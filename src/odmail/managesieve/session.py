"""One client's session: states, dispatch, answers.  RFC 5804 2"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog

from odcore import clock, ids
from odcore.errors import Fault
from odcore.identity.api import Principal
from odcore.later import Disconnected, drive
from odcore.sasl.engine import offered
from odcore.session.conversation import Conversation
from odcore.session.ports import Connection
from odmail.mailbox.api import MailAccount
from odmail.managesieve.faults import refusal
from odmail.managesieve.intake import Broken, Intake, TooLarge, Whole
from odmail.managesieve.ports import House
from odmail.managesieve.reader import Reader
from odmail.managesieve.registry import Command, Registry
from odmail.managesieve.types import BadSyntax, Reply, State
from odmail.managesieve.writer import answer, string
from odmail.sieve.compiler import capabilities
from odmail.sieve.limits import REDIRECTS

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

MAX_ERRORS = 20
"""Commands that were none, until we hang up."""


class Session(Conversation):
    """See the module's docstring. Commands use what has no underscore."""

    house: House

    def __init__(self, house: House, registry: Registry, connection: Connection) -> None:
        super().__init__(house, connection)
        self.registry = registry
        self.account: MailAccount | None = None
        self._intake = Intake()
        self._errors = 0

    # What the socket's owner calls.

    def start(self) -> None:
        """Greet, and listen."""
        self.greet()
        drive(self._run())

    def take(self, data: bytes) -> None:
        """See `odcore.session.conversation`."""
        self._intake.framer.feed(data)

    @property
    def is_flooded(self) -> bool:
        """See `odcore.session.conversation`."""
        return self._intake.framer.waiting > self._intake.most

    def end(self, text: str, code: bytes = b"") -> None:
        """Say BYE and hang up, whatever is going on."""
        if not self.closing:
            self.write(answer(Reply(text, code, b"BYE")))
            self.hang_up()

    def dismiss(self) -> None:
        """See `odcore.session.conversation`."""
        self.end("Too many failures")

    # What commands use.

    @property
    def state(self) -> State:
        """Where the session is."""
        return State.NOT_AUTHENTICATED if self.principal is None else State.AUTHENTICATED

    @property
    def who(self) -> tuple[Principal, MailAccount]:
        """Who signed in, and the account whose scripts these are."""
        if self.principal is None or self.account is None:
            raise RuntimeError("nobody is signed in")
        return self.principal, self.account

    def greet(self) -> None:
        """Capabilities, at the beginning and after STARTTLS.  RFC 5804 1.7, 2.2"""
        self.write(self.capabilities() + answer(Reply("odmail ready")))

    def capabilities(self) -> bytes:
        """As of now."""
        mechanisms = offered(self.house.sign_in, self.channel) if self.secure else ()
        lines: list[tuple[str, ...]] = [
            ("IMPLEMENTATION", "odmail"),
            ("SIEVE", " ".join(capabilities())),
            ("SASL", " ".join(mechanisms)),
            ("NOTIFY", "mailto"),
            ("MAXREDIRECTS", str(REDIRECTS)),
            ("LANGUAGE", "en"),
            ("UNAUTHENTICATE",),
            ("VERSION", "1.0"),
        ]
        if not self.secure:
            lines.insert(3, ("STARTTLS",))
        if self.account is not None and self.principal is not None:
            lines.append(("OWNER", self.principal.account.address))
        return b"".join(b" ".join(map(string, line)) + b"\r\n" for line in lines)

    def sign_in(self, principal: Principal, account: MailAccount) -> None:
        """From now on the client is somebody. Fault LIMIT where the account has too many sessions."""
        self.admit(principal)
        self.account = account
        self._intake.widen(known=True)

    def sign_out(self) -> None:
        """The client is nobody again."""
        self.forget()
        self.account = None
        self._intake.widen(known=False)

    def start_tls(self) -> None:
        """Everything from here on is TLS, and nothing said before it counts.  RFC 5804 2.2"""
        self._intake.clear()
        self._connection.start_tls()
        self.greet()

    def record(self, event: str, **facts: str) -> None:
        """Into the audit trail: who changed whose filters. Blocks."""
        principal, account = self.who
        self.house.record(event, principal.person.id, account.id, session=self.id, **facts)

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for work on the account, if the person still may: charges end, passwords change."""
        principal, _ = self.who

        def run() -> tuple[T] | None:
            return (function(*args, **kwargs),) if self.house.sign_in.still_valid(principal) else None

        done = await self.call(run)
        if done is None:
            self.end("You may no longer use this account")
            raise Disconnected
        return done[0]

    async def logical(self) -> bytes | None:
        """The client's next line with its literals; None when one was too large to take."""
        while True:
            event = self._intake.next()
            if isinstance(event, Whole):
                return event.data
            if isinstance(event, TooLarge):
                return None
            if isinstance(event, Broken):
                self.end(event.text)
                raise Disconnected
            await self._input()

    # The conversation.

    async def _run(self) -> None:
        try:
            while not self.closing:
                await self._command(await self.logical())
                await self.room()
        except Disconnected:
            pass
        except Exception as error:
            log.exception("session ended by a bug", session=self.id, error=type(error).__name__)
            self.end("Internal error")

    async def _command(self, data: bytes | None) -> None:
        began = clock.monotonic()
        found: Command | None = None
        if data is None:
            reply = Reply("That is too large", b"QUOTA/MAXSIZE", b"NO")
        else:
            args = Reader(data)
            try:
                found = self.registry.commands.get(args.word())
                reply = await self._dispatch(found, args)
            except BadSyntax as error:
                reply = self._wrong(str(error))
        self.write(answer(reply))
        if found is not None:
            self.house.measure(found.name.decode(), reply.status.decode(), clock.monotonic() - began)
        self.proceed()

    async def _dispatch(self, command: Command | None, args: Reader) -> Reply:
        if command is None:
            return self._wrong("There is no such command")
        if self.state not in command.states:
            return self._wrong(f"{command.name.decode()} cannot be given now")
        try:
            return await command.run(self, args) or Reply("")
        except (Disconnected, BadSyntax):
            raise
        except Fault as fault:
            return refusal(fault)
        except Exception as error:
            reference = ids.readable(8)
            log.exception("bug", session=self.id, reference=reference, error=type(error).__name__)
            return Reply(f"Internal error, reference {reference}", b"TRYLATER", b"NO")

    def _wrong(self, text: str) -> Reply:
        self._errors += 1
        if self._errors >= MAX_ERRORS:
            self.afterwards = lambda: self.end("Too many errors")
        return Reply(text, b"", b"NO")
