"""One client's session: states, mailboxes, dispatch, answers.  RFC 9051 3

`_run` is the coroutine that lives as long as the connection. A command runs between two of its lines: what it raises
becomes an answer in `_guard`, and before its tagged answer the client hears of changes it may hear of then (`_report`).
"""

from collections.abc import Awaitable, Callable

import structlog

from odcore import clock, ids
from odcore.errors import Fault
from odcore.identity.api import Principal
from odcore.later import Disconnected, drive
from odcore.sasl.engine import offered
from odmail.imap import names
from odmail.imap.announcing import announced
from odmail.imap.conversation import said
from odmail.imap.faults import refusal
from odmail.imap.intake import Broken, Event, GoAhead, Refused, Whole
from odmail.imap.names import Place
from odmail.imap.ports import Connection, House
from odmail.imap.progress import Progress
from odmail.imap.reader import Reader
from odmail.imap.registry import Command, Registry
from odmail.imap.types import BadSyntax, Reply, State, Touches
from odmail.imap.upload import GO_AHEAD, Upload
from odmail.imap.watching import Watching
from odmail.mailbox.api import MailAccount

log = structlog.get_logger()

_ASKING = (b"NOOP", b"CHECK", b"NOTIFY")
"""Commands that look for changes and make none."""

MAX_ERRORS = 20
"""Commands that were no commands before sign-in, until we hang up."""


class Session(Watching):
    """See the module's docstring. Commands use what has no underscore."""

    __slots__ = (
        "_errors",
        "account",
        "client",
        "idling",
        "looked_into",
        "progress",
        "started",
        "upload",
    )

    def __init__(self, house: House, registry: Registry, connection: Connection) -> None:
        super().__init__(house, registry, connection)
        self.started = False
        self.client = ""  # what it calls itself, by ID
        self.account: MailAccount | None = None  # the mailboxes at the top of the namespace
        self.upload: Upload | None = None  # the message a streaming command was given
        self.progress: Progress | None = None  # of the command at work, if it may take long
        self.idling = False
        self.looked_into: set[tuple[str, str]] = set()  # other people's mailboxes, as the audit trail has them
        self._errors = 0

    def start(self) -> None:
        """Greet, and listen."""
        self.started = True
        self.write(b"* OK [CAPABILITY %b] odmail ready\r\n" % self.capabilities())
        drive(self._run())

    # State and abilities.

    @property
    def state(self) -> State:
        """Where the session is."""
        if self.closing:
            return State.LOGOUT
        if self.principal is None:
            return State.NOT_AUTHENTICATED
        return State.AUTHENTICATED if self.view is None else State.SELECTED

    def capabilities(self) -> bytes:
        """The CAPABILITY list as of now.  RFC 9051 7.2.2"""
        mechanisms = None if self.principal is not None else offered(self.house.sign_in, self.channel)
        return announced(self.registry, self.secure, mechanisms, self.house.settings.max_message)

    def sign_in(self, principal: Principal, account: MailAccount) -> None:
        """From now on the client is somebody. Fault LIMIT where the account has too many sessions."""
        self.admit(principal)
        self.account = account
        self._intake.widen()

    def reach(self, done: int, goal: int) -> None:
        """The command at work is so far. Any thread may say it."""
        if self.progress is not None:
            self.progress.reach(done, goal)

    def tell_progress(self, now: float) -> None:
        """Called every few seconds, whatever goes on."""
        if self.progress is not None and (line := self.progress.line(now)):
            self.write(line)

    # Mailboxes.

    @property
    def home(self) -> MailAccount:
        """The account signed in to."""
        if self.account is None:
            raise RuntimeError("nobody is signed in")
        return self.account

    @property
    def who(self) -> Principal:
        """Who signed in."""
        if self.principal is None:
            raise RuntimeError("nobody is signed in")
        return self.principal

    async def place(self, name: str) -> Place:
        """Whose mailbox `name` is, and what may be done there. It need not exist; NOT_FOUND where nothing is shared."""
        shared = names.split_shared(name)
        if shared is None:
            return Place(self.home, name, self.who.reader)
        return await self.call(names.shared_place, self.house, self.who, *shared)

    # The conversation.

    async def _run(self) -> None:
        try:
            while not self.closing:
                event = self._intake.next()
                if event is None and self.notices and self.notices.pushes and self._intake.idle and self.has_news:
                    await self.push(self.notices)
                elif event is None:
                    await self._input()
                else:
                    await self._act(event)
                    await self.room()
        except Disconnected:
            pass
        except Exception as error:
            log.exception("session ended by a bug", session=self.id, error=type(error).__name__)
            self.end("Internal error", b"SERVERBUG")

    async def _act(self, event: Event) -> None:
        if isinstance(event, Whole):
            await self._command(event)
        elif isinstance(event, GoAhead):
            self.write(GO_AHEAD)
        elif isinstance(event, Refused):
            self._answer(event.tag, Reply(event.text, event.code, b"BAD"))
        elif isinstance(event, Broken):
            self._answer(event.tag, Reply(event.text, event.code, b"BAD"))
            self.end(event.text, event.code)

    async def _command(self, whole: Whole) -> None:
        """One command from its first word to its tagged answer."""
        command, began = whole.command, clock.monotonic()
        if whole.upload is not None:
            self.upload = Upload(whole.upload, self._intake.framer, self.frame, self.write)
        if self.state in command.states:
            self.progress = Progress(whole.tag) if command.long else None
            args = Reader(whole.args, uid=whole.uid, utf8=self.utf8, tag=whole.tag)
            reply = await self._guard(lambda: command.run(self, args))
        else:
            reply = Reply(f"{command.name.decode()} cannot be given now", b"", b"BAD")
        if not await self._skip_upload():
            self._answer(whole.tag, Reply("Message too large", b"TOOBIG", b"NO"))
            self.end("Message too large", b"TOOBIG")
            return
        self.progress = None
        await self._report(command, uid=whole.uid)
        reply = reply or _completed(whole)
        self._answer(whole.tag, reply)
        self.house.measure(command.name.decode(), reply.status.decode(), clock.monotonic() - began)
        self.proceed()

    async def _guard(self, run: Callable[[], Awaitable[Reply | None]]) -> Reply | None:
        """Run, and turn whatever goes wrong into an answer."""
        try:
            return await run()
        except Disconnected:
            raise
        except Fault as fault:
            return refusal(fault)
        except BadSyntax as error:
            return Reply(str(error), b"", b"BAD")
        except Exception as error:
            reference = ids.readable(8)
            log.exception("bug", session=self.id, reference=reference, error=type(error).__name__)
            return Reply(f"Internal error, reference {reference}", b"SERVERBUG", b"NO")

    async def _report(self, command: Command, *, uid: bool) -> None:
        """Before a command's tagged answer the client hears what it may now hear of, and if not, another time."""
        if command.touches is Touches.QUIET:
            return
        if self.notices is not None:
            self.notices.waiting = False
            await self._guard(self.tell_others)
        view = self.view
        if view is None or not (self.tells or (command.touches is Touches.LOOKS and command.name not in _ASKING)):
            return
        expunges = uid or command.touches is not Touches.USES_NUMBERS
        if view.dirty or command.touches is Touches.LOOKS or (expunges and view.owes):
            view.dirty = True  # until it worked
            await self._guard(lambda: self.sync(expunges=expunges))

    async def _skip_upload(self) -> bool:
        """Leave nothing of a refused message in the stream."""
        upload, self.upload = self.upload, None
        most = self.house.settings.max_message if self.principal is not None else 0
        return upload is None or await upload.skip(most)

    def _answer(self, tag: bytes, reply: Reply) -> None:
        self.write(b"%b %b %b\r\n" % (tag, reply.status, said(reply.text, reply.code)))
        if reply.status == b"BAD" and self.principal is None:
            self._errors += 1
            if self._errors >= MAX_ERRORS:
                self.end("Too many errors")


def _completed(whole: Whole) -> Reply:
    return Reply(f"{'UID ' if whole.uid else ''}{whole.command.name.decode()} completed")
