"""What a client asked to be told of, and what there is to tell.  RFC 5465, RFC 5464 4.4

Hints of the house name an account and a mailbox. A session that gave NOTIFY hears those of the accounts it can see, and
keeps what its client knows of each mailbox: one row. When a hint comes, the mailbox's row is read and the two compared,
so that the cost hangs on what happened and never on how many mailboxes there are. Only a change of the list itself
(names, subscriptions, rights) is found by comparing two lists.

`take` what is pending in the session's coroutine, `look` where the store may be waited for, and tell the lines.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from odcore.ids import AccountId
from odmail.imap import listing, names, status, writer
from odmail.imap.listing import Entry
from odmail.imap.pattern import Pattern
from odmail.imap.types import Event
from odmail.imap.view import View
from odmail.mailbox.api import MailAccount
from odmail.mailbox.changes import AnnotationHint, Hint
from odmail.mailbox.model import SEPARATOR, Mailbox

if TYPE_CHECKING:
    from odmail.imap.session import Session

MOST_MAILBOXES = 20_000
"""More are not watched by one session."""

MOST_AT_ONCE = 1000
"""Mailboxes in which something happened since the client was last told; with more it is told of none."""


OF_MESSAGES = frozenset((Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE, Event.FLAG_CHANGE))
OF_METADATA = frozenset((Event.MAILBOX_METADATA_CHANGE, Event.SERVER_METADATA_CHANGE))


class Group(msgspec.Struct, frozen=True):
    """Events in the mailboxes that a specifier means: personal, inboxes, subscribed, subtree, mailboxes, or all."""

    specifier: str
    names: tuple[str, ...]
    events: frozenset[Event]

    def covers(self, name: str, *, subscribed: bool) -> bool:
        """Any mailbox may get mail by its own address, so that inboxes are the same as personal.  RFC 5465 6.3"""
        match self.specifier:
            case "subscribed":
                return subscribed
            case "subtree":
                return any(name == top or name.startswith(top + SEPARATOR) for top in self.names)
            case "mailboxes":
                return name in self.names
            case "all":
                return True
        return not names.is_shared(name)

    @property
    def shared(self) -> bool:
        """Can it mean other people's mailboxes?"""
        return self.specifier in ("subscribed", "all") or any(map(names.is_shared, self.names))


class Selected(msgspec.Struct, frozen=True):
    """What is told of the selected mailbox. `fetch` tells of new messages what the client wants to know of them."""

    events: frozenset[Event] = frozenset()
    delayed: bool = False
    fetch: Callable[[list[int]], Awaitable[None]] | None = None

    @property
    def flags(self) -> bool:
        """Are changes of flags told?"""
        return Event.FLAG_CHANGE in self.events


class Pending(msgspec.Struct):
    """What was heard of and not yet looked at."""

    list: bool = False
    boxes: set[tuple[AccountId, int]] = msgspec.field(default_factory=set)
    annotated: set[AccountId] = msgspec.field(default_factory=set)

    @property
    def overflows(self) -> bool:
        """Is it too much to tell?"""
        return len(self.boxes) > MOST_AT_ONCE

    def __bool__(self) -> bool:
        return self.list or bool(self.boxes) or bool(self.annotated)


class Notices:
    """One session's wishes. `selected` is None when the selected mailbox is told of as without NOTIFY."""

    def __init__(self, session: "Session", selected: Selected | None, groups: tuple[Group, ...]) -> None:
        self._session = session
        self.selected = selected
        self.own: set[str] = set()  # names the session itself changes: it need not be told
        self.own_annotations: set[int] = set()  # modseqs of those it made
        self.waiting = False  # it did not work: until something new is heard
        self._groups = groups
        self._patterns = [Pattern("*")] if any(group.shared for group in groups) else []
        self._entries: dict[str, Entry] = {}
        self._index: dict[tuple[AccountId, int], str] = {}
        self._annotated: dict[AccountId, int] = {}  # modseqs of annotations told of
        self._accounts = frozenset((session.home.id,))
        self._pending = Pending()

    # What the session's coroutine calls.

    @property
    def pushes(self) -> bool:
        """May the client be told between its commands?"""
        return self.selected is not None

    @property
    def pending(self) -> bool:
        """Is there something to look at?"""
        return bool(self._pending) and not self.waiting

    def attended(self) -> frozenset[AccountId]:
        """Whose hints matter. Those that come in reach only now are looked at once more: something may have happened
        since the list was read."""
        accounts = frozenset(self._annotated) or self._accounts
        self._pending.list |= not accounts <= self._accounts
        self._accounts = accounts
        return accounts

    def heard(self, hint: Hint | AnnotationHint) -> bool:
        """Take note; true when there is something to look at."""
        self.waiting = False
        if isinstance(hint, AnnotationHint):
            self._pending.annotated.add(hint.account)
        elif hint.mailbox == 0:
            self._pending.list = True
        else:
            self._pending.boxes.add((hint.account, hint.mailbox))
        return bool(self._pending)

    def regrouped(self) -> None:
        """Who shares what with whom has changed."""
        self.waiting = False
        self._pending.list = bool(self._patterns)

    def silence(self) -> None:
        """As after NOTIFY NONE.  RFC 5465 5.8"""
        self.selected, self._groups, self._patterns = Selected(), (), []

    def did(self, *names: str) -> None:
        """The session itself makes, renames, deletes or subscribes to these: its client need not be told."""
        for name in names:
            self.own.update((name, name.rpartition(SEPARATOR)[0]))

    def take(self) -> Pending:
        """What is pending; nothing is from now on."""
        pending, self._pending = self._pending, Pending()
        return pending

    def give_back(self, pending: Pending) -> None:
        """It could not be looked at now."""
        self.waiting = True
        self._pending.list |= pending.list
        self._pending.boxes |= pending.boxes
        self._pending.annotated |= pending.annotated

    def left(self, view: View) -> None:
        """The mailbox is no longer selected: what its client was told is what it knows."""
        entry = self._entries.get(self._index.get((view.place.account.id, view.mailbox), ""))
        if entry is not None and entry.box is not None:
            entry.box = msgspec.structs.replace(
                entry.box, exists=view.exists, uidnext=view.uidnext, highestmodseq=view.modseq
            )

    # What blocks.

    def begin(self) -> list[Entry]:
        """Learn what there is now; the mailboxes whose messages are watched."""
        self._learn(listing.entries(self._session, self._patterns))
        return [entry for entry in self._entries.values() if self._wanted(entry) & OF_MESSAGES and _is_there(entry)]

    def first_items(self, entry: Entry) -> list[bytes]:
        """STATUS items by which a client that asked for STATUS knows where it stands.  RFC 5465 3.1"""
        items = [b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY"]
        if Event.FLAG_CHANGE in self._wanted(entry):
            items.append(b"UNSEEN")
        if self._session.condstore or Event.FLAG_CHANGE in self._wanted(entry):
            items.append(b"HIGHESTMODSEQ")
        return items

    def look(self, pending: Pending) -> list[bytes]:
        """The lines to tell."""
        lines: list[bytes] = []
        if pending.list:
            lines += self._list()
        lines += self._boxes(pending.boxes)
        for account in pending.annotated:
            lines += self._annotations(account)
        return lines

    def _learn(self, entries: dict[str, Entry]) -> None:
        index: dict[tuple[AccountId, int], str] = {}
        home = self._session.home
        accounts = {home.id: home}
        for name, entry in entries.items():
            if entry.box is not None and entry.account is not None:
                index[entry.account.id, entry.box.id] = name
                accounts[entry.account.id] = entry.account
        self._entries, self._index = entries, index
        for key, account in accounts.items():
            if key not in self._annotated:
                self._annotated[key] = account.metadata_since(1 << 62).modseq
        for key in self._annotated.keys() - accounts.keys():
            del self._annotated[key]

    def _wanted(self, entry: Entry) -> frozenset[Event]:
        events: set[Event] = set()
        for group in self._groups:
            if group.covers(entry.name, subscribed=entry.subscribed):
                events |= group.events
        return frozenset(events)

    # Messages.

    def _boxes(self, boxes: Iterable[tuple[AccountId, int]]) -> Iterator[bytes]:
        for key in boxes:
            entry = self._entries.get(self._index.get(key, ""))
            if entry is not None and entry.account is not None and self._wanted(entry) & OF_MESSAGES:
                for box in entry.account.mailboxes_by_id((key[1],), entry.reader):
                    yield from self._compare(entry, box)

    def _compare(self, entry: Entry, box: Mailbox) -> Iterator[bytes]:
        """A STATUS when something happened that the client wants to know of and is not being told otherwise."""
        known, entry.box = entry.box, box
        if known is None or "r" not in entry.rights or is_selected(self._session, entry):
            return
        items = _items(known, box, self._wanted(entry), condstore=self._session.condstore)
        if items:
            yield status.response(self._session, entry.name, box, items)

    # The list.

    def _list(self) -> list[bytes]:
        before, index = self._entries, self._index
        self._learn(listing.entries(self._session, self._patterns))
        lines = [line for name, line in self._changes(before, index) if name not in self.own]
        self.own.clear()
        for key, name in self._index.items():
            old, new = before.get(index.get(key, "")), self._entries[name]
            if old is not None and new.box is not None and old.box is not None:
                box, new.box = new.box, old.box
                lines += self._compare(new, box)
        return lines

    def _changes(
        self, before: dict[str, Entry], index: dict[tuple[AccountId, int], str]
    ) -> Iterator[tuple[str, bytes]]:
        """Names that came, went or changed, each with its line."""
        moved = {index[key]: name for key, name in self._index.items() if key in index and index[key] != name}
        told = set(moved.values()) | moved.keys()
        for old, new in moved.items():
            above, below = old.rpartition(SEPARATOR)[0], new.rpartition(SEPARATOR)[0]
            if moved.get(above) != below or not above:  # children move along without a word of their own
                yield from self._tell(new, Event.MAILBOX_NAME, old=old)
        affected: set[str] = set()
        for name in sorted(before.keys() | self._entries.keys()):
            old_entry, new_entry = before.get(name), self._entries.get(name)
            if _is_there(old_entry) is not _is_there(new_entry) and name not in told:
                yield from self._tell(name, Event.MAILBOX_NAME)
                affected.add(name.rpartition(SEPARATOR)[0])
            elif old_entry is not None and new_entry is not None and _lost(old_entry, new_entry):
                yield from self._tell(name, Event.MESSAGE_NEW, words=(b"\\NoAccess",))
            if (old_entry is not None and old_entry.subscribed) is not (
                new_entry is not None and new_entry.subscribed
            ) and name not in told:
                yield from self._tell(name, Event.SUBSCRIPTION_CHANGE, was=old_entry)
        for name in sorted(affected - {""}):
            yield from self._tell(name, Event.MAILBOX_NAME)

    def _tell(
        self,
        name: str,
        event: Event,
        *,
        old: str = "",
        words: tuple[bytes, ...] = (),
        was: Entry | None = None,
    ) -> Iterator[tuple[str, bytes]]:
        entry = self._entries.get(name) or Entry(name)
        events = self._wanted(entry) | (self._wanted(was) if was is not None else frozenset())
        if event in events:
            shown = list(words) or [w for w in listing.attributes(entry) if w != b"\\Noselect"]
            if entry.subscribed:
                shown.append(b"\\Subscribed")
            yield name, listing.response(self._session, b"LIST", shown, name, old=old)

    # Annotations.

    def _annotations(self, id: AccountId) -> Iterator[bytes]:
        account = self._session.home if id == self._session.home.id else self._account(id)
        if account is None:
            return
        reader = self._session.who.reader if account is self._session.home else self._session.who.person.id
        changes = account.metadata_since(self._annotated.get(id, 0), reader)
        self._annotated[id] = changes.modseq
        entries: dict[str, list[bytes]] = {}
        for one in changes.changed:
            name = self._index.get((id, one.mailbox), "")
            if one.modseq not in self.own_annotations and self._may_tell(id, one.mailbox, name):
                entries.setdefault(name, []).append(one.entry.encode("ascii"))
        for name, words in entries.items():
            yield b"* METADATA %b %b\r\n" % (writer.mailbox(name, utf8=self._session.utf8), b" ".join(words))

    def _account(self, id: AccountId) -> MailAccount | None:
        return next((e.account for e in self._entries.values() if e.account is not None and e.account.id == id), None)

    def _may_tell(self, id: AccountId, mailbox: int, name: str) -> bool:
        if mailbox == 0:
            return id == self._session.home.id and any(Event.SERVER_METADATA_CHANGE in g.events for g in self._groups)
        return bool(name) and Event.MAILBOX_METADATA_CHANGE in self._wanted(self._entries[name])


def _is_there(entry: Entry | None) -> bool:
    return entry is not None and entry.selectable


def _lost(old: Entry, new: Entry) -> bool:
    """May it no longer be read?"""
    return _is_there(new) and "r" in old.rights and "r" not in new.rights


def is_selected(session: "Session", entry: Entry) -> bool:
    """Is this the selected mailbox?"""
    view, account, box = session.view, entry.account, entry.box
    return (
        view is not None
        and account is not None
        and box is not None
        and (view.place.account.id, view.mailbox) == (account.id, box.id)
    )


def _items(known: Mailbox, box: Mailbox, events: frozenset[Event], *, condstore: bool) -> list[bytes]:
    """STATUS items that say what happened.  RFC 5465 5.1-5.3"""
    arrived = box.uidnext - known.uidnext
    gone = known.exists + arrived - box.exists
    other = box.uidvalidity != known.uidvalidity
    items: list[bytes] = []
    if Event.MESSAGE_NEW in events and (arrived or gone or other):  # never without MessageExpunge
        items += (b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY")
    if Event.FLAG_CHANGE in events and box.highestmodseq != known.highestmodseq:
        seen = box.unseen != known.unseen
        if seen or condstore:
            items += (*(() if items else (b"UIDVALIDITY",)), *((b"UNSEEN",) if seen else ()))
    if items and condstore:
        items.append(b"HIGHESTMODSEQ")
    return items
