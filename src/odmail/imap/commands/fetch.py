"""FETCH and UID FETCH.  RFC 9051 6.4.5, 6.4.9, RFC 7162 3.1.4, 3.2.6, RFC 9394 3.3"""

import contextlib
import functools
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from odcore.errors import Fault, Kind
from odmail.imap import fetching, items, seqset, vanished
from odmail.imap.choice import chosen
from odmail.imap.faults import refusal
from odmail.imap.fetching import Batch, Plan
from odmail.imap.item import Bound, Octets, Piece
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.results import Page, read_page
from odmail.imap.seqset import Span
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State, Touches
from odmail.imap.watching import NEVER
from odmail.mailbox.api import Search, StoreFlags
from odmail.mailbox.model import Flag
from odmail.mailbox.search import And, HasFlags, ModSeq, Uids

log = structlog.get_logger()

ITEMS = items.load()
CAPABILITIES = tuple(dict.fromkeys(item.capability for item in ITEMS.values() if item.capability))

MACROS = {
    b"ALL": (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE", b"ENVELOPE"),
    b"FAST": (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE"),
    b"FULL": (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE", b"ENVELOPE", b"BODY"),
}

MOST_ITEMS = 64
"""Items of one FETCH: each may ask for all of a message again."""

SHORT = 500
"""Items that take no more octets than this are remembered."""

FEW = 20
"""Messages that are fetched at once, if they are in memory."""

STREAMED = 256 << 10
"""Octets read and sent at a time of what is too large for a batch."""


class Wanted(msgspec.Struct):
    """What the client asked for. Once it was read nobody changes it: it is remembered."""

    names: list[bytes]
    items: list[Bound]
    changed_since: int = 0
    page: Page | None = None
    vanished: bool = False


@command("FETCH", states=State.SELECTED, rfc="9051 6.4.5", uid=True, touches=Touches.USES_NUMBERS)
async def fetch(session: Session, args: Reader) -> Reply | None:
    """Send what the client wants to know of messages."""
    numbers = seqset.read(args)
    args.space()
    wanted = _known(args)
    if wanted.vanished and not (args.uid and wanted.changed_since and session.qresync):  # RFC 7162 3.2.6
        raise BadSyntax("VANISHED needs UID FETCH, CHANGEDSINCE and QRESYNC")
    if session.qresync and b"UID" not in wanted.names:  # told of flags, its client must know it.  RFC 7162 3.2.4
        wanted = Wanted([*wanted.names], [*wanted.items], wanted.changed_since, wanted.page, wanted.vanished)
        _add(wanted, b"UID")
    if any(item.condstore for item in wanted.items):
        session.enable("CONDSTORE")
    changed = await _changed(session, wanted.changed_since) if args.uid and wanted.changed_since else None
    first = 1 if changed is None or wanted.page else min(changed, default=NEVER)
    spans = await chosen(session, numbers, by_uid=args.uid, first=first)
    if wanted.page is not None:  # before CHANGEDSINCE.  RFC 9394 3.4
        spans = seqset.cut(spans, *wanted.page.bounds(seqset.count(spans)))
    if wanted.vanished:
        await vanished.earlier(session, numbers, wanted.changed_since)
    plan = await _plan(session, wanted, spans)
    try:
        complete = await _send(session, plan, spans, changed)
    except Fault as fault:
        if fault.kind is not Kind.UNSUPPORTED:
            raise
        return refusal(fault, b"UNKNOWN-CTE")  # RFC 3516 4.3
    if complete or wanted.changed_since or args.uid:
        return None
    return Reply("Some of the messages are gone", b"EXPUNGEISSUED")  # RFC 5530 3


def _known(args: Reader) -> Wanted:
    """All that is left, read once: clients say the same of one message after the other."""
    text = args.rest()
    if len(text) <= SHORT:
        with contextlib.suppress(BadSyntax, Fault):  # said again below, with the right offset
            return _read_once(text, args.uid, args.utf8)
    return _read_all(args)


@functools.lru_cache(maxsize=256)
def _read_once(text: bytes, uid: bool, utf8: bool) -> Wanted:
    return _read_all(Reader(text, uid=uid, utf8=utf8))


def _read_all(args: Reader) -> Wanted:
    wanted = read_wanted(args)
    args.end()
    return wanted


def read_wanted(args: Reader) -> Wanted:
    """A macro, an item or a list of them, then modifiers."""
    wanted = Wanted([], [])
    if args.peek(b"("):
        args.list_of(lambda: _read_item(args, wanted, args.atom()), empty=False)
    else:
        first = args.atom()
        for name in MACROS.get(first.upper(), (first,)):
            _read_item(args, wanted, name)
    if args.take(b" "):
        args.list_of(lambda: _read_modifier(args, wanted), empty=False)
    if args.uid:
        _add(wanted, b"UID")
    return wanted


def read_items(args: Reader) -> Wanted:
    """Items up to a ")" whose "(" was read: what NOTIFY wants to know of new messages.  RFC 5465 5.2"""
    wanted = Wanted([], [])
    while True:
        _read_item(args, wanted, args.atom())
        if args.take(b")"):
            _add(wanted, b"UID")
            return wanted
        args.space()


def tell_new(session: Session, wanted: Wanted) -> Callable[[list[int]], Awaitable[None]]:
    """A function that tells these items of messages of the selected mailbox, and marks none of them as seen."""

    async def tell(uids: list[int]) -> None:
        view = session.selected
        plan = Plan(tuple(wanted.items), view.mailbox, view.place.reader, view.recent_from, session.utf8)
        known = await session.numbers(min(uids))
        await _send(session, plan, seqset.place_saved(uids, known))

    return tell


def _read_item(args: Reader, wanted: Wanted, atom: bytes) -> None:
    name, bracket, word = atom.partition(b"[")
    name = name.upper() + bracket
    item = ITEMS.get(name)
    if item is None:
        raise BadSyntax("unknown FETCH item")
    bound = item.read(args, word)
    if name in wanted.names and not bracket:  # asked for twice, told once
        return
    if len(wanted.items) >= MOST_ITEMS:
        raise Fault(Kind.LIMIT, "Too many items")
    wanted.names.append(name)
    wanted.items.append(bound)


def _read_modifier(args: Reader, wanted: Wanted) -> None:
    """CHANGEDSINCE, which asks for MODSEQ, too (RFC 7162 3.1.4.1), and PARTIAL (RFC 9394 3.3)."""
    word = args.word()
    if word == b"CHANGEDSINCE":
        args.space()
        wanted.changed_since = args.number64()
        _add(wanted, b"MODSEQ")
    elif word == b"PARTIAL" and args.uid and wanted.page is None:
        args.space()
        wanted.page = read_page(args)
    elif word == b"VANISHED":
        wanted.vanished = True
    else:
        raise BadSyntax("unknown FETCH modifier")


def _add(wanted: Wanted, name: bytes) -> None:
    """An item that goes without saying; first, as clients are used to."""
    if name not in wanted.names:
        wanted.names.insert(0, name)
        wanted.items.insert(0, ITEMS[name].read(Reader(b""), b""))


async def _plan(session: Session, wanted: Wanted, spans: Sequence[Span]) -> Plan:
    view = session.selected
    changed: frozenset[int] = frozenset()
    if view.writable and "s" in view.place.rights and any(item.marks_seen for item in wanted.items):
        changed = await _mark_seen(session, spans, wanted.changed_since)
    return Plan(
        items=tuple(wanted.items),
        mailbox=view.mailbox,
        reader=view.place.reader,
        recent_from=view.recent_from,
        utf8=session.utf8,
        changed_since=wanted.changed_since,
        changed=frozenset() if b"FLAGS" in wanted.names else changed,
        condstore=session.condstore and b"MODSEQ" not in wanted.names,
    )


async def _mark_seen(session: Session, spans: Sequence[Span], changed_since: int) -> frozenset[int]:
    """\\Seen for all that will be read, in one transaction, before any of it is sent; the uids it was new to."""
    view = session.selected
    account, reader = view.place.account, view.place.reader
    ranges = seqset.uid_ranges(spans, view.uids)
    unseen = And((Uids(ranges), HasFlags(Flag.SEEN, on=False), ModSeq(changed_since + 1)))
    found = await session.call(account.search, Search(view.mailbox, unseen, reader))
    if not found.uids:
        return frozenset()
    options = StoreFlags(view.mailbox, list(seqset.runs(found.uids)), "add", Flag.SEEN, reader=reader)
    stored = await session.call(account.store, options)
    view.own(stored.before, stored.modseq)
    return frozenset(found.uids)


async def _changed(session: Session, modseq: int) -> "array[int]":
    """The uids of all messages that changed after `modseq`: often few among many."""
    view = session.selected
    options = Search(view.mailbox, ModSeq(modseq + 1), view.place.reader)
    return (await session.call(view.place.account.search, options)).uids


async def _send(session: Session, plan: Plan, spans: Sequence[Span], changed: "array[int] | None" = None) -> bool:
    """Send all batches that have a changed message. False when messages have gone meanwhile."""
    view = session.selected
    complete = True
    for part in seqset.batches(spans, fetching.ROWS):
        first, last = view.uids[part[0][0]], view.uids[part[-1][1] - 1]
        if changed is not None and bisect_left(changed, first) == bisect_right(changed, last):
            continue
        batch = Batch(view.place.account, plan, part, view.uids)
        call = session.quick if seqset.count(part) <= FEW else session.call
        while not batch.done:
            pieces = await call(batch.more, view.names)
            call = session.call
            await session.learn(batch.keywords)
            await send_pieces(session, pieces)
        complete = complete and batch.count == seqset.count(part)
    return complete


async def send_pieces(session: Session, pieces: Sequence[Piece]) -> None:
    """Send octets, reading those that were only promised piece by piece, no faster than the client takes them."""
    for piece in pieces:
        if not isinstance(piece, Octets):
            await session.send(piece)
            continue
        for offset in range(0, piece.size, STREAMED):
            await session.send(await _read(session, piece, offset))


async def _read(session: Session, piece: Octets, offset: int) -> bytes:
    """Octets inside a literal. If they cannot be had nothing sensible can follow, so the connection ends."""
    length = min(STREAMED, piece.size - offset)
    try:
        octets = await session.call(piece.read, offset, length)
    except (OSError, Fault):
        octets = b""
    if len(octets) != length:
        log.error("message cut short", session=session.id, offset=offset)
        session.end("A message cannot be read", b"SERVERBUG")
    return octets
