"""The part of a session that watches: the selected mailbox, and whatever else its client wants to be told of.

What there is to tell is told at three moments: before a command's tagged answer, during IDLE, and, once the client gave
NOTIFY, whenever no command is under way.
"""

from array import array
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.later import Disconnected
from odmail.imap import flags
from odmail.imap.conversation import Conversation
from odmail.imap.names import Place
from odmail.imap.ports import ANY, Connection, House
from odmail.imap.registry import Registry
from odmail.imap.view import View
from odmail.mailbox.changes import AnnotationHint, Changes, Hint
from odmail.mailbox.model import Mailbox

if TYPE_CHECKING:
    from odmail.imap.notices import Notices

NEVER = 1 << 32
"""Above every uid."""


class Watching(Conversation):
    """See the module's docstring. `Session` is what follows from it."""

    __slots__ = ("_attended", "enabled", "notices", "view")

    def __init__(self, house: House, registry: Registry, connection: Connection) -> None:
        super().__init__(house, registry, connection)
        self.enabled: frozenset[str] = frozenset()
        self.view: View | None = None
        self.notices: Notices | None = None  # what the client asked to be told of (NOTIFY)
        self._attended: frozenset[AccountId] = frozenset()  # accounts whose hints come here for that

    def leave(self) -> None:
        """See `Conversation`."""
        self.deselect()
        self._attend(frozenset())
        self.notices = None

    def heard(self, hint: Hint | AnnotationHint) -> None:
        """A mailbox moved on: the selected one, or one that the client wants to be told of."""
        view, notices = self.view, self.notices
        news = isinstance(hint, Hint) and view is not None and view.is_of(hint) and view.heard(hint)
        if (notices is not None and notices.heard(hint)) or news:
            self._wake()

    def regrouped(self) -> None:
        """Who shares what with whom has changed."""
        if self.notices is not None:
            self.notices.regrouped()
            self._wake()

    # What the client understands.

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

    # The selected mailbox.

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
            if self.notices is not None:
                self.notices.left(view)

    def attend(self, notices: "Notices | None") -> None:
        """From now on the client is told of these."""
        if self.closing:
            raise Disconnected
        self.notices = notices
        self._attend(notices.attended() if notices is not None else frozenset())

    def _attend(self, accounts: frozenset[AccountId]) -> None:
        for account in self._attended - accounts:
            self.house.watch.remove(account, ANY, self)
        for account in accounts - self._attended:
            self.house.watch.add(account, ANY, self)
        self._attended = accounts

    def did(self, *names: str) -> None:
        """The session itself changed these names: its client need not be told."""
        if self.notices is not None:
            self.notices.did(*names)

    async def line_or_hint(self) -> bytes | None:
        """The client's next line, or None when there is something to tell. For IDLE."""
        while (frame := self._intake.framer.next()) is None:
            if self.has_news:
                return None
            await self._input()
        return self._plain(frame)

    async def numbers(self, first: int = 1, most: int = 0) -> "array[int]":
        """The uids the client knows, by sequence number - 1: at least those from `first` on and the last `most`."""
        view = self.selected
        lacking = view.lacks(first, most)
        if lacking is not None:
            view.fill(await self.quick(view.place.account.uids, lacking))
        return view.uids

    async def learn(self, keywords: int) -> None:
        """Make sure that `view.names` names all these keyword bits; the client hears of new names."""
        view = self.selected
        if keywords.bit_length() > len(view.names):
            view.names = await self.call(view.place.account.keywords)
            self.write(b"* FLAGS %b\r\n" % flags.possible(view.names))

    async def sync(self, *, expunges: bool) -> None:
        """Bring the view up to date and tell the client what it did not know."""
        view = self.selected
        if view.regranted:
            view.regranted = False
            self.write(flags.lasting(view.names, view.place.rights, writable=view.writable))
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
        selected = self.notices.selected if self.notices is not None else None
        if changes.flagged and (selected is None or selected.flags):
            await self._send_all(view.news(changes, modseq=self.condstore))
        if selected is not None and selected.fetch is not None:
            new = [one.uid for one in changes.added if one.uid not in view.mine]
            if new:
                await selected.fetch(new)
        view.mine.clear()

    @property
    def tells(self) -> bool:
        """Does the client want to hear of the selected mailbox?"""
        selected = self.notices.selected if self.notices is not None else None
        return self.view is not None and (selected is None or bool(selected.events))

    @property
    def has_news(self) -> bool:
        """Is there something to tell?"""
        notices, dirty = self.notices, self.view is not None and self.view.dirty and self.tells
        return dirty if notices is None else notices.pending or (dirty and not notices.waiting)

    async def tell(self, *, expunges: bool) -> None:
        """All that the client wants to hear of and has not: in the selected mailbox and elsewhere."""
        if self.tells:
            await self.sync(expunges=expunges)
        await self.tell_others()

    async def tell_others(self) -> None:
        """What happened in other mailboxes than the selected one."""
        notices = self.notices
        if notices is None or not notices.pending:
            return
        pending = notices.take()
        if pending.overflows:
            notices.silence()
            self.write(b"* OK [NOTIFICATIONOVERFLOW] Too much happens at once\r\n")
            return
        try:
            lines = await self.call(notices.look, pending)
        except Fault:
            notices.give_back(pending)
            return
        await self.send(b"".join(lines))
        self._attend(notices.attended())

    async def push(self, notices: "Notices") -> None:
        """Tell between two commands.  RFC 5465 6.1"""
        try:
            await self.tell(expunges=notices.selected is not None and not notices.selected.delayed)
        except Fault:
            notices.waiting = True

    async def _changes(self, view: View) -> Changes:
        try:
            changes = await self.quick(view.place.account.changes, view.since)
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
