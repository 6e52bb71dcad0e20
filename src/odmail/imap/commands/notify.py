"""NOTIFY: the client says of what it wants to be told, at any time and in any mailbox.  RFC 5465"""

from collections.abc import Awaitable, Callable

from odcore.errors import Fault, Kind
from odmail.imap import listing, status
from odmail.imap.commands.fetch import read_items, tell_new
from odmail.imap.faults import refusal
from odmail.imap.listing import Entry
from odmail.imap.notices import MOST_MAILBOXES, OF_MESSAGES, OF_METADATA, Group, Notices, Selected, is_selected
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Event, Reply

_EVENTS = {event.value.upper().encode(): event for event in Event}
_SPECIFIERS = {b"PERSONAL", b"INBOXES", b"SUBSCRIBED", b"SUBTREE", b"MAILBOXES"}
_SELECTED = {b"SELECTED", b"SELECTED-DELAYED"}
_MOST_GROUPS = 100
_MOST_NAMES = 1000


class _Unsupported(Exception):
    """An event of a type we do not know."""


@command("NOTIFY", states=SIGNED_IN, rfc="5465 3.1", capability="NOTIFY")
async def notify(session: Session, args: Reader) -> Reply | None:
    """SET replaces what was asked before; NONE asks for silence."""
    word = args.word()
    if word == b"NONE":
        args.end()
        await install(session, Notices(session, Selected(), metadata_groups(session)))
        return None
    if word != b"SET":
        raise args.bad("SET or NONE")
    args.space()
    with_status = not args.peek(b"(")
    if with_status:
        if args.word() != b"STATUS":
            raise args.bad("STATUS")
        args.space()
    try:
        wishes = _read(session, args)
    except _Unsupported:
        return Reply("Unknown event", b"BADEVENT (%b)" % " ".join(Event).encode(), b"NO")
    if session.view is not None:
        await session.sync(expunges=True)  # RFC 5465 3.1: as NOOP does
    try:
        watched = await install(session, wishes)
    except Fault as fault:
        return refusal(fault, b"NOTIFICATIONOVERFLOW" if fault.kind is Kind.LIMIT else b"")
    for entry in watched:
        await _describe(session, wishes, entry, with_status=with_status)
    return None


async def install(session: Session, notices: Notices) -> list[Entry]:
    """From now on the session tells of these; the mailboxes whose messages are watched. Fault LIMIT."""
    before = session.notices
    session.attend(notices)  # before the list is read: nothing that happens meanwhile is missed
    try:
        watched = await session.call(notices.begin)
        if len(watched) > MOST_MAILBOXES:
            raise Fault(Kind.LIMIT, "Too many mailboxes to watch")
    except Fault:
        session.attend(before)
        raise
    session.attend(notices)
    return watched


def metadata_groups(session: Session) -> tuple[Group, ...]:
    """What ENABLE METADATA asks for, whatever NOTIFY does.  RFC 5464 4.4"""
    return (Group("all", (), OF_METADATA),) if "METADATA" in session.enabled else ()


async def _describe(session: Session, notices: Notices, entry: Entry, *, with_status: bool) -> None:
    """What is to be known of a mailbox before it is watched.  RFC 5465 3.1"""
    if "r" not in entry.rights:
        await session.send(listing.response(session, b"LIST", (b"\\NoAccess",), entry.name))
    elif with_status and entry.box is not None and not is_selected(session, entry):
        await session.send(status.response(session, entry.name, entry.box, notices.first_items(entry)))


def _read(session: Session, args: Reader) -> Notices:
    selected: list[Selected] = []
    groups: list[Group] = []
    while True:
        args.expect(b"(")
        word = args.word()
        if word in _SELECTED:
            selected.append(_read_selected(session, args, delayed=word == b"SELECTED-DELAYED"))
        elif word in _SPECIFIERS:
            groups.append(_read_group(args, word))
        else:
            raise BadSyntax("unknown mailbox specifier")
        args.expect(b")")
        if not args.take(b" "):
            break
    args.end()
    if len(selected) > 1:
        raise BadSyntax("the selected mailbox was specified twice")  # RFC 5465 6.1
    if len(groups) > _MOST_GROUPS or sum(len(group.names) for group in groups) > _MOST_NAMES:
        raise Fault(Kind.LIMIT, "Too many mailboxes were named")
    return Notices(session, selected[0] if selected else Selected(), (*groups, *metadata_groups(session)))


def _read_selected(session: Session, args: Reader, *, delayed: bool) -> Selected:
    args.space()
    fetches: list[Callable[[list[int]], Awaitable[None]]] = []

    def read() -> Event:
        event = _event(args)
        if event not in OF_MESSAGES:
            raise BadSyntax("only events of messages can be had of the selected mailbox")
        if event is Event.MESSAGE_NEW and args.take(b" ("):
            fetches.append(tell_new(session, read_items(args)))
        return event

    events = _read_events(args, read)
    return Selected(events, delayed, fetches[0] if fetches else None)


def _read_group(args: Reader, word: bytes) -> Group:
    named: tuple[str, ...] = ()
    args.space()
    if word in (b"SUBTREE", b"MAILBOXES"):
        named = tuple(args.list_of(args.mailbox, empty=False) if args.peek(b"(") else (args.mailbox(),))
        args.space()
    return Group(word.decode().lower(), named, _read_events(args, lambda: _event(args)))


def _read_events(args: Reader, read: Callable[[], Event]) -> frozenset[Event]:
    if not args.peek(b"("):
        if args.word() != b"NONE":
            raise args.bad("a list of events or NONE")
        return frozenset()
    events = frozenset(args.list_of(read, empty=False))
    messages = events & OF_MESSAGES
    if messages and not {Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE} <= messages:
        raise BadSyntax("MessageNew and MessageExpunge go together, and FlagChange with both")  # RFC 5465 5
    return events


def _event(args: Reader) -> Event:
    event = _EVENTS.get(args.word())
    if event is None:
        raise _Unsupported
    return event
