"""What happened while a client was away, told in one go.  RFC 7162 3.2.5, 3.2.6

The store remembers expunges by their modseq, so that a client is told exactly what it missed, unless it was away for
tens of thousands of them. What it says of sequence numbers it once knew (3.2.5.2) would spare it some uids then, and is
only read.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from odmail.imap import flags, seqset, writer
from odmail.imap.reader import Reader
from odmail.imap.seqset import SequenceSet
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply
from odmail.mailbox.api import Since
from odmail.mailbox.changes import Changes

T = TypeVar("T")

_SET = b"0123456789:,"

_AT_ONCE = 1000


class Known(msgspec.Struct, frozen=True):
    """The state a client's memory of a mailbox is of; `uids` are those it remembers, None for all."""

    uidvalidity: int
    modseq: int
    uids: SequenceSet | None = None


def read_known(args: Reader) -> Known:
    """`(uidvalidity modseq uids (numbers uids))`: the last two need not be there."""
    args.expect(b"(")
    uidvalidity = args.number()
    args.space()
    modseq = args.number64()
    uids = None
    matched = False
    while not matched and args.take(b" "):
        if args.peek(b"("):
            matched = len(args.list_of(lambda: _read_set(args), empty=False)) == 2
            if not matched:
                raise BadSyntax("expected sequence numbers and their uids")
        elif uids is None:
            uids = _read_set(args)
        else:
            raise args.bad("what is known of sequence numbers")
    args.expect(b")")
    if not uidvalidity or not modseq:
        raise BadSyntax("UIDVALIDITY and modseq begin at 1")
    return Known(uidvalidity, modseq, uids)


def _read_set(args: Reader) -> SequenceSet:
    """Without `*`, which would mean nothing here."""
    return seqset.parse(args.run(_SET))


async def resync(session: Session, known: Known) -> None:
    """After SELECT: what was expunged and what changed since the client last looked."""
    view = session.selected
    changes = await _changes(session, known.modseq)
    await _tell_removed(session, changes, known.uids)
    changed = _among(changes.flagged, [one.uid for one in changes.flagged], known.uids)
    if not changed:
        return
    numbers = await session.numbers(changed[0].uid)
    bits = 0
    for one in changed:
        bits |= one.keywords
    await session.learn(bits)
    write = flags.Writing(view.names, view.recent_from)
    for at in range(0, len(changed), _AT_ONCE):
        part = changed[at : at + _AT_ONCE]
        places = seqset.positions([one.uid for one in part], numbers)
        told = {numbers[place]: place + 1 for place in places}
        lines = [flags.changed(told[one.uid], one, write, modseq=True) for one in part if one.uid in told]
        await session.send(b"".join(lines))


async def earlier(session: Session, wanted: SequenceSet, modseq: int) -> None:
    """VANISHED (EARLIER) for those of the wanted uids that are gone since `modseq`. `*` is the last uid given out:
    the message that had it may be among them. What is in `$` is not gone."""
    if wanted.saved:
        return
    top = max(1, session.selected.uidnext - 1)
    ranges = tuple((first or top, last or top) for first, last in wanted.ranges)
    await _tell_removed(session, await _changes(session, modseq), SequenceSet(ranges))


async def _changes(session: Session, modseq: int) -> Changes:
    view = session.selected
    since = Since(view.mailbox, modseq, view.uidnext, view.place.reader, until=view.modseq)
    return await session.call(view.place.account.changes, since)


async def _tell_removed(session: Session, changes: Changes, wanted: SequenceSet | None) -> None:
    """What the client still counts is not told here: it hears of it when expunges are told of."""
    owed = session.selected.owes
    if changes.absent is None:
        gone = list(seqset.runs(sorted(set(changes.removed).difference(owed))))
    else:  # the client remembers what the store has forgotten: all uids that are not there.  RFC 7162 3.2.5.1
        gone = seqset.without(changes.absent, owed)
    if wanted is not None:
        gone = seqset.overlap(gone, wanted)
    if gone:
        await session.send(b"* VANISHED (EARLIER) %b\r\n" % writer.ranges(gone))


def completed(session: Session, modseq: int) -> Reply | None:
    """The answer to a command that expunged. All that happened up to `modseq` is told before it.  RFC 7162 3.2.7"""
    return Reply("Expunged", b"HIGHESTMODSEQ %d" % modseq) if session.condstore and modseq else None


def _among(items: Sequence[T], uids: Sequence[int], wanted: SequenceSet | None) -> list[T]:
    """The items whose uids (ascending) are in the set."""
    if wanted is None:
        return list(items)
    return [item for first, end in seqset.place_uids(wanted, uids) for item in items[first:end]]
