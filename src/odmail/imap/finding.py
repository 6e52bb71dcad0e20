"""What SEARCH, SORT and THREAD have in common: reading criteria and asking the store.  RFC 9051 6.4.4, RFC 5256 3"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import count

import msgspec

from odcore.errors import Fault, Kind
from odmail.imap import seqset
from odmail.imap.answer import Answer
from odmail.imap.criteria import Criteria
from odmail.imap.faults import refusal
from odmail.imap.reader import Reader
from odmail.imap.reading import Reading
from odmail.imap.results import Options
from odmail.imap.session import Session
from odmail.imap.types import Reply
from odmail.imap.watching import NEVER
from odmail.mailbox.api import Fetch, Search
from odmail.mailbox.search import Criterion

_CHARSETS = frozenset((b"US-ASCII", b"UTF-8"))


class Wanted(msgspec.Struct, frozen=True):
    """Criteria as they were read; `modseq` when MODSEQ is among them, so that the answer carries one."""

    criterion: Criterion
    modseq: bool


class Found(msgspec.Struct, frozen=True):
    """Messages the client knows, ascending; `modseq` is the highest among them."""

    uids: "array[int]"
    modseq: int


def read_charset(args: Reader) -> Reply | None:
    """A charset's name and the space after it; the refusal when we do not know it."""
    known = args.astring().upper() in _CHARSETS
    args.space()
    return None if known else refusal(Fault(Kind.UNSUPPORTED, "Unknown charset"), b"BADCHARSET (US-ASCII UTF-8)")


async def read_criteria(session: Session, args: Reader) -> Wanted:
    """All keys up to the end of the command."""
    view = session.selected
    start = args.copy()
    criteria = Criteria(args, await session.numbers(NEVER, 1), view.saved, view.recent_from)
    criterion = criteria.read()
    args.end()
    if criteria.lowest:  # now that it is known how many of the numbers are needed
        uids = await session.numbers(NEVER, view.exists - criteria.lowest + 1)
        criterion = Criteria(start, uids, view.saved, view.recent_from).read()
    if criteria.modseq:
        session.enable("CONDSTORE")
    return Wanted(criterion, criteria.modseq)


async def find(session: Session, wanted: Wanted, tell: Callable[[int, int], None] | None = None) -> Found:
    """Ask the store. What the client was not told of does not exist for it."""
    view = session.selected
    options = Search(view.mailbox, wanted.criterion, view.place.reader, tell)
    found = await session.quick(view.place.account.search, options)
    return Found(found.uids[: bisect_left(found.uids, view.uidnext)], found.modseq if wanted.modseq else 0)


def reading(session: Session, found: Found) -> Reading:
    """Of messages of the selected mailbox, of which these are to be told."""
    view = session.selected
    session.reach(0, len(found.uids))
    return Reading(view.place.account, view.mailbox, view.exists, session.reach)


async def numbers(session: Session, uids: "array[int]", *, by_uid: bool) -> Sequence[int]:
    """The uids as the command counts."""
    if by_uid or not uids:
        return uids
    known = await session.numbers(min(uids))
    if len(uids) * 8 < len(known):
        return [bisect_left(known, uid) + 1 for uid in uids]
    return list(map(dict(zip(known, count(1))).__getitem__, uids))


async def answer(session: Session, args: Reader, name: bytes, options: Options, found: Found) -> None:
    """Save and tell what was found: `found.uids` may come in any order."""
    view = session.selected
    highest = found.modseq
    about = options.kept(found.uids) if highest or b"SAVE" in options.words else found.uids
    if b"SAVE" in options.words:
        view.saved = about
    if highest and len(about) < len(found.uids):
        ranges = list(seqset.runs(about))
        rows = await session.call(view.place.account.fetch, Fetch(view.mailbox, ranges, reader=view.place.reader))
        highest = max(rows.modseq, default=0)
    told = Answer(await numbers(session, found.uids, by_uid=args.uid), highest)
    if not options.given and not (session.rev2 and name == b"SEARCH"):
        await session.send(told.plain(name))
    elif not options.silent:
        await session.send(told.extended(args.tag, options, by_uid=args.uid))
