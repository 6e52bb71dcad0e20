"""STORE and UID STORE.  RFC 9051 6.4.6, RFC 7162 3.1.3"""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from odcore.errors import Fault, Kind
from odmail.imap import flags, seqset, writer
from odmail.imap.choice import chosen
from odmail.imap.reader import Reader, gather
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State, Touches
from odmail.mailbox.api import May, Stored, StoreFlags
from odmail.mailbox.model import Flag, Row

_MODES = {b"FLAGS": "set", b"+FLAGS": "add", b"-FLAGS": "remove"}

_AT_ONCE = 1000
"""Responses of one write."""


class Change(msgspec.Struct, frozen=True):
    """What the client wants done."""

    mode: str
    flags: Flag
    keywords: tuple[str, ...]
    silent: bool
    unchanged_since: int | None


@command(
    "STORE",
    states=State.SELECTED,
    rfc="9051 6.4.6",
    capability="CONDSTORE",
    uid=True,
    touches=Touches.USES_NUMBERS,
    long=True,
)
async def store(session: Session, args: Reader) -> Reply | None:
    """Change flags, all in one transaction however many messages there are."""
    numbers = seqset.read(args)
    args.space()
    change = read_change(args)
    args.end()
    view = session.selected
    if not view.writable:
        raise Fault(Kind.DENIED, "Mailbox is read-only")
    may = view.place.may
    if not _any_of(change, may):
        raise Fault(Kind.DENIED, "You may not change these flags here")
    if change.unchanged_since is not None:
        session.enable("CONDSTORE")
    spans = await chosen(session, numbers, by_uid=args.uid)
    options = StoreFlags(
        view.mailbox,
        seqset.uid_ranges(spans, view.uids),
        change.mode,
        change.flags,
        change.keywords,
        change.unchanged_since,
        view.place.reader,
        may,
    )
    stored = await session.call(view.place.account.store, options)
    await _tell(session, stored, silent=change.silent)
    view.own(stored.before, stored.modseq)
    if stored.failed:
        return _modified(view.uids, stored.failed, by_uid=args.uid)
    if len(stored.rows) < seqset.count(spans) and not args.uid:
        return Reply("Some of the messages are gone", b"EXPUNGEISSUED")  # RFC 5530 3
    return None


def _any_of(change: Change, may: May) -> bool:
    """It is refused only when nothing of it may be done.  RFC 4314 4"""
    if change.mode == "set" or not (change.flags or change.keywords):
        return bool(may.flags)
    return bool(change.flags & may.flags or (change.keywords and may.keywords))


def read_change(args: Reader) -> Change:
    """`(UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Seen)`; the flags may stand without parentheses."""
    unchanged_since = _read_modifier(args)
    word = args.word()
    mode = _MODES.get(word.removesuffix(b".SILENT"))
    if mode is None:
        raise BadSyntax("expected FLAGS, +FLAGS or -FLAGS")
    args.space()
    if args.peek(b"("):
        given, keywords = args.flags()
    else:
        read = [args.flag()]
        while args.take(b" "):
            read.append(args.flag())
        given, keywords = gather(read)
    return Change(mode, given, keywords, word.endswith(b".SILENT"), unchanged_since)


def _read_modifier(args: Reader) -> int | None:
    if not args.take(b"("):
        return None
    if args.word() != b"UNCHANGEDSINCE":
        raise BadSyntax("unknown STORE modifier")
    args.space()
    unchanged_since = args.number64()
    args.expect(b")")
    args.space()
    return unchanged_since


async def _tell(session: Session, stored: Stored, *, silent: bool) -> None:
    """The flags as they are now. A client that knows CONDSTORE hears of modseqs even when it wants silence."""
    if silent and not session.condstore:
        return
    keywords = 0
    for row in stored.rows:
        keywords |= row.keywords
    await session.learn(keywords)
    responses = _responses(session, stored.rows, silent=silent)
    while batch := b"".join(islice(responses, _AT_ONCE)):
        await session.send(batch)


def _responses(session: Session, rows: Sequence[Row], *, silent: bool) -> Iterator[bytes]:
    view = session.selected
    write = flags.Writing(view.names, view.recent_from)
    numbered = zip(seqset.positions([row.uid for row in rows], view.uids), rows, strict=True)
    if silent:
        return (b"* %d FETCH (UID %d MODSEQ (%d))\r\n" % (at + 1, row.uid, row.modseq) for at, row in numbered)
    return (flags.changed(at + 1, row, write, modseq=session.condstore) for at, row in numbered)


def _modified(uids: Sequence[int], failed: list[int], *, by_uid: bool) -> Reply:
    """RFC 7162 3.1.3: those that somebody else changed meanwhile were left alone."""
    numbers = failed if by_uid else [at + 1 for at in seqset.positions(failed, uids)]
    return Reply("Conditional STORE failed", b"MODIFIED " + writer.uid_set(numbers))
