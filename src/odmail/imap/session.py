"""One client's session: states, mailboxes, dispatch, answers.  RFC 9051 3

`_run` is the coroutine that lives as long as the connection. A command runs between two of its lines: what it raises
becomes an answer in `_guard`, and before its tagged answer the client hears of changes it may hear of then (`_report`).
"""

from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice

import structlog

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.later import Disconnected, drive
from odcore.sasl.engine import offered
from odmail.imap import names, writer
from odmail.imap.conversation import Conversation, said
from odmail.imap.faults import refusal
from odmail.imap.intake import Broken, Event, GoAhead, Refused, Whole
from odmail.imap.names import Place
from odmail.imap.names import may as permitted
from odmail.imap.ports import Connection, House
from odmail.imap.progress import Progress
from odmail.imap.reader import Reader
from odmail.imap.registry import Command, Registry
from odmail.imap.types import BadSyntax, Reply, State, Touches
from odmail.imap.upload import GO_AHEAD, Upload
from odmail.imap.view import View
from odmail.mailbox.api import MailAccount
from odmail.mailbox.changes import Changes, Hint
from odmail.mailbox.model import MOST_KEYWORDS, Flag, Mailbox

log = structlog.get_logger()

SYSTEM_FLAGS = tuple(f"\\{flag.name}".title().encode() for flag in Flag)

NEVER = 1 << 32
"""Above every uid."""

MAX_ERRORS = 20
"""Commands that were no commands before sign-in, until we hang up."""


class Session(Conversation):
    """See the module's docstring. Commands use what has no underscore."""

    __slots__ = (
        "_errors",
        "account",
        "afterwards",
        "enabled",
        "idling",
        "logins",
        "looked_into",
        "principal",
        "progress",
        "started",
        "upload",
        "view",
    )

    def __init__(self, house: House, registry: Registry, connection: Connection) -> None:
        super().__init__(house, registry, connection)
        self.started = False
        self.principal: Principal | None = None
        self.account: MailAccount | None = None  # the mailboxes at the top of the namespace
        self.view: View | None = None
        self.enabled: frozenset[str] = frozenset()
        self.upload: Upload | None = None  # the message a streaming command was given
        self.progress: Progress | None = None  # of the command at work, if it may take long
        self.idling = False
        self.afterwards: Callable[[], None] | None = None  # to be done once the command was answered
        self.logins = 0  # failed ones
        self.looked_into: set[tuple[str, str]] = set()  # other people's mailboxes, as the audit trail has them
        self._errors = 0

    def start(self) -> None:
        """Greet, and listen."""
        self.started = True
        self.write(b"* OK [CAPABILITY %b] odmail ready\r\n" % self.capabilities())
        drive(self._run())

    def leave(self) -> None:
        """See `Conversation`."""
        self.deselect()

    def heard(self, hint: Hint) -> None:
        """The selected mailbox moved on."""
        if self.view is not None and self.view.heard(hint):
            self._wake()

    # State and abilities.

    @property
    def state(self) -> State:
        """Where the session is."""
        if self.closing:
            return State.LOGOUT
        if self.principal is None:
            return State.NOT_AUTHENTICATED
        return State.AUTHENTICATED if self.view is None else State.SELECTED

    @property
    def rev2(self) -> bool:
        """Did the client enable IMAP4rev2?"""
        return "IMAP4REV2" in self.enabled

    @property
    def utf8(self) -> bool:
        """Does UTF-8 travel as it is, in mailbox names and quoted strings?  RFC 6855 3"""
        return self.rev2 or "UTF8=ACCEPT" in self.enabled

    @property
    def condstore(self) -> bool:
        """Is the client to be told modseqs?  RFC 7162 3.1"""
        return self.qresync or "CONDSTORE" in self.enabled

    @property
    def qresync(self) -> bool:
        """Does the client hear of expunges by uid?  RFC 7162 3.2.3"""
        return "QRESYNC" in self.enabled

    def enable(self, *capabilities: str) -> None:
        """The client understands these (upper case)."""
        self.enabled = self.enabled.union(capabilities)

    def capabilities(self) -> bytes:
        """The CAPABILITY list as of now.  RFC 9051 7.2.2"""
        if self.principal is not None:
            hidden: tuple[str, ...] = ("STARTTLS", "AUTH=")
            listed = self.registry.early + self.registry.late
        else:
            hidden = ("STARTTLS",) if self.secure else ("AUTH=",)
            listed = self.registry.early if self.secure else (*self.registry.early, "LOGINDISABLED")
        shown = (each for one in listed if not one.startswith(hidden) for each in self._announced(one))
        return " ".join(shown).encode("ascii")

    def _announced(self, capability: str) -> Iterable[str]:
        """A declared capability as this session says it: some hang on settings, or on the TLS around it."""
        if capability == "APPENDLIMIT":  # RFC 7889 3
            return (f"APPENDLIMIT={self.house.settings.max_message}",)
        if capability == "AUTH=":
            return (f"AUTH={name}" for name in offered(self.house.sign_in, self.channel))
        return (capability,)

    def sign_in(self, principal: Principal, account: MailAccount) -> None:
        """From now on the client is somebody."""
        self.principal = principal
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
        return await self.call(self._shared_place, *shared)

    def _shared_place(self, prefix: str, label: str, local: str) -> Place:
        """Blocks."""
        owner = names.owner_called(self.house.sharing, self.who, prefix, label)
        if owner is None or not local:
            raise names.nonexistent()
        account = self.house.open(owner.account)
        rights = names.rights_in(account, owner, local)
        return Place(account, local, self.who.person.id, f"{prefix}{label}/", rights, owner)

    def note_access(self, place: Place) -> None:
        """Somebody else's mailbox is opened or written to: once a session, the audit trail says so. Blocks."""
        key = place.account.id, place.name
        if place.is_shared and key not in self.looked_into:
            self.looked_into.add(key)
            facts = {"mailbox": place.name, "session": self.id, "service": "imap", "address": self.address}
            self.house.record("mailbox-opened", self.who.person.id, place.account.id, **facts)

    @property
    def selected(self) -> View:
        """The selected mailbox."""
        if self.view is None:
            raise Disconnected if self.closing else RuntimeError("no mailbox is selected")
        return self.view

    def select(self, place: Place, box: Mailbox, keywords: tuple[str, ...], *, writable: bool) -> None:
        """The mailbox is now the selected one."""
        if self.closing:
            raise Disconnected
        self.deselect()
        self.view = View(place, box, keywords, writable=writable)
        if self.rev2:
            self.view.recent_from = NEVER  # \\Recent is no more.  RFC 9051 E
        self.house.watch.add(place.account.id, box.id, self)

    def deselect(self) -> None:
        """No mailbox is selected any more."""
        view, self.view = self.view, None
        if view is not None:
            self.house.watch.remove(view.place.account.id, view.mailbox, self)

    async def line_or_hint(self) -> bytes | None:
        """The client's next line, or None when the selected mailbox moved on. For IDLE."""
        while (frame := self._intake.framer.next()) is None:
            if self.view is not None and self.view.dirty:
                return None
            await self._input()
        return self._plain(frame)

    async def numbers(self, first: int = 1, most: int = 0) -> "array[int]":
        """The uids the client knows, by sequence number - 1: at least those from `first` on and the last `most`."""
        view = self.selected
        lacking = view.lacks(first, most)
        if lacking is not None:
            view.fill(await self.call(view.place.account.uids, lacking))
        return view.uids

    async def learn(self, keywords: int) -> None:
        """Make sure that `view.names` names all these keyword bits; the client hears of new names."""
        view = self.selected
        if keywords.bit_length() > len(view.names):
            view.names = await self.call(view.place.account.keywords)
            self.write(b"* FLAGS %b\r\n" % flags_line(view.names))

    async def sync(self, *, expunges: bool) -> None:
        """Bring the view up to date and tell the client what it did not know."""
        view = self.selected
        if view.regranted:
            view.regranted = False
            self.write(permanent_flags(view.names, view.place.rights, writable=view.writable))
        changes = await self._changes(view)
        if changes.first:
            await self.numbers(changes.first)
        if changes.flagged:
            bits = 0
            for one in changes.flagged:
                bits |= one.keywords
            await self.learn(bits)
        view.absorb(changes)
        if expunges and view.owes:
            await self._send_all(view.expunge(vanished=self.qresync))
        if changes.added:
            self.write(b"* %d EXISTS\r\n" % view.exists)
        if changes.flagged:
            await self._send_all(view.news(changes, modseq=self.condstore))

    async def _changes(self, view: View) -> Changes:
        try:
            changes = await self.call(view.place.account.changes, view.since)
        except Fault as fault:
            if fault.kind is Kind.NOT_FOUND:
                self.end("The selected mailbox was deleted")
                raise Disconnected from fault
            raise
        if changes.absent is not None:  # for days the client gave no command that could tell it
            self.end("Select the mailbox again: much has changed")
            raise Disconnected
        return changes

    async def _send_all(self, responses: Iterator[bytes]) -> None:
        """In batches that fit the socket."""
        while batch := b"".join(islice(responses, 1000)):
            await self.send(batch)

    # The conversation.

    async def _run(self) -> None:
        try:
            while not self.closing:
                event = self._intake.next()
                if event is None:
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
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            afterwards()

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
        view = self.view
        if view is None or command.touches is Touches.QUIET:
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


def flags_line(names: tuple[str, ...], *more: bytes) -> bytes:
    """(\\Answered ... $Junk): what may stand in a mailbox's flags."""
    return writer.parenthesized((*SYSTEM_FLAGS, *(name.encode("ascii") for name in names), *more))


def permanent_flags(names: tuple[str, ...], rights: str, *, writable: bool) -> bytes:
    """* FLAGS and PERMANENTFLAGS as these rights have it.  RFC 4314 5.1.1"""
    lasting: list[bytes] = []
    may = permitted(rights) if writable else None
    if may is not None:
        lasting = [word for flag, word in zip(Flag, SYSTEM_FLAGS, strict=True) if may.flags & flag]
        if may.keywords:
            more = (b"\\*",) if len(names) < MOST_KEYWORDS else ()  # may clients make more of them?  RFC 9051 7.1
            lasting += [*(name.encode("ascii") for name in names), *more]
    words = flags_line(names), writer.parenthesized(lasting)
    return b"* FLAGS %b\r\n* OK [PERMANENTFLAGS %b] Flags that stay\r\n" % words
