"""SEARCH and UID SEARCH.  RFC 9051 6.4.4, RFC 4731, RFC 5182, RFC 7162 3.1.5"""

from array import array

from odcore.errors import Fault, Kind
from odmail.imap import seqset
from odmail.imap.answer import Answer, kept
from odmail.imap.criteria import Criteria
from odmail.imap.faults import refusal
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State, Touches
from odmail.mailbox.api import Fetch, Search
from odmail.mailbox.search import Criterion

_OPTIONS = frozenset((b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"))
_EVERYTHING = frozenset((b"ALL",))
_CHARSETS = frozenset((b"US-ASCII", b"UTF-8"))


@command(
    "SEARCH",
    states=State.SELECTED,
    rfc="9051 6.4.4",
    capability="ESEARCH SEARCHRES WITHIN",
    uid=True,
    touches=Touches.USES_NUMBERS,
)
async def search(session: Session, args: Reader) -> Reply | None:
    """Tell which messages meet the criteria."""
    options = _read_options(args)
    if not _read_charset(args):
        return refusal(Fault(Kind.UNSUPPORTED, "Unknown charset"), b"BADCHARSET (US-ASCII UTF-8)")
    view = session.selected
    criteria = Criteria(args, await session.numbers(), view.saved, view.recent_from)
    criterion = criteria.read()
    args.end()
    if criteria.modseq:
        session.enable("CONDSTORE")
    wanted = options or _EVERYTHING
    if b"SAVE" in wanted:
        view.saved = array("I")  # what there is if the search fails.  RFC 5182 2.1
    answer = await _find(session, criterion, wanted, by_uid=args.uid, modseq=criteria.modseq)
    if options is None and not session.rev2:
        await session.send(answer.plain())
    elif wanted != {b"SAVE"}:
        await session.send(answer.extended(args.tag, wanted, by_uid=args.uid))
    return None


def _read_options(args: Reader) -> frozenset[bytes] | None:
    """RETURN (...), None when it is not there.  RFC 4731 3.1"""
    if not args.take_word(b"RETURN"):
        return None
    args.space()
    options = frozenset(args.list_of(args.word))
    if options - _OPTIONS:
        raise BadSyntax("unknown result option")
    args.space()
    return options or _EVERYTHING


def _read_charset(args: Reader) -> bool:
    """CHARSET name, if it is there; False for one that we do not know."""
    if not args.take_word(b"CHARSET"):
        return True
    args.space()
    known = args.astring().upper() in _CHARSETS
    args.space()
    return known


async def _find(
    session: Session, criterion: Criterion, options: frozenset[bytes], *, by_uid: bool, modseq: bool
) -> Answer:
    """Ask the store. What the client was not told of does not exist for it."""
    view = session.selected
    account, reader = view.place.account, view.place.reader
    found = await session.call(account.search, Search(view.mailbox, criterion, reader))
    places = list(seqset.positions(found.uids, view.uids))
    uids = array("I", [view.uids[at] for at in places])
    about = kept(uids, options)
    if b"SAVE" in options:
        view.saved = about
    highest = found.modseq if modseq else 0
    if highest and len(about) < len(uids):
        rows = await session.call(account.fetch, Fetch(view.mailbox, [(uid, uid) for uid in about], reader=reader))
        highest = max((row.modseq for row in rows), default=0)
    return Answer(uids, uids if by_uid else [at + 1 for at in places], highest)
