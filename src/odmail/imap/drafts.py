"""Messages on their way in: what APPEND and REPLACE have in common.  RFC 9051 6.3.12, RFC 8508, RFC 6855 4

What can be refused is refused before the go-ahead: mailbox, size, quota. The octets then stream into the store, 64 KiB
at a time.
"""

from collections.abc import Sequence

import msgspec

from odcore.blob.api import Incoming
from odcore.errors import Fault, Kind
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.session import Session
from odmail.imap.trail import note_access
from odmail.imap.types import BadSyntax
from odmail.imap.upload import Upload
from odmail.mailbox.api import NewMessage
from odmail.mailbox.model import Flag
from odmail.message.parse import parse

BATCH = 64 << 10


class Draft(msgspec.Struct):
    """A message on its way in."""

    flags: Flag
    keywords: tuple[str, ...]
    received: int | None
    labeled: bool  # as one with UTF-8 in its header: `UTF8 (~{n}...)`.  RFC 6855 4
    rest: list[bytes]  # octets not yet handed to `incoming`
    incoming: Incoming | None = None  # only once there is more than a batch, or another message follows


def read(args: Reader, upload: Upload) -> Draft:
    """`(\\Seen) "date" ` before a literal, and the mark of UTF-8."""
    flags = Flag(0)
    keywords: tuple[str, ...] = ()
    received = None
    if args.peek(b"("):
        flags, keywords = args.flags()
        args.space()
    if args.peek(b'"'):
        received = args.date_time()
        args.space()
    labeled = args.take_word(b"UTF8 (")
    args.end()
    if labeled and not (upload.literal and upload.literal.binary):
        raise BadSyntax("expected a literal8")
    return Draft(flags, keywords, received, labeled, [])


def room(session: Session, place: Place) -> int:
    """Octets that still fit. Faults NOT_FOUND when there is no such mailbox, LIMIT for the disk's sake. Blocks."""
    place.mailbox("i")
    note_access(session, place)
    session.house.check_space()
    quota = place.account.quota()
    return quota.limit - quota.used if quota.limit else 1 << 62


def check(session: Session, size: int, left: int) -> int:
    """The size. Faults for a message that may not come."""
    if size == 0:
        raise Fault(Kind.BAD_REQUEST, "The message is empty")
    if size > session.house.settings.max_message:
        raise Fault(Kind.TOO_BIG, "Message too large")
    if size > left:
        raise Fault(Kind.OVER_QUOTA, "The mailbox is full")
    return size


async def take(session: Session, place: Place, draft: Draft, upload: Upload) -> Reader:
    """Let the octets come; what is left of the line behind them. A small message makes no journey of its own to
    another thread."""
    waiting = 0
    async for data in upload.accept():
        draft.rest.append(data)
        waiting += len(data)
        if waiting >= BATCH:
            await session.call(_spool, place, draft)
            waiting = 0
    args = Reader(await upload.more())
    if draft.labeled:
        args.expect(b")")
    return args


def _spool(place: Place, draft: Draft) -> Incoming:
    """Blocks."""
    incoming = draft.incoming = draft.incoming or place.account.incoming()
    incoming.write(b"".join(draft.rest))
    draft.rest.clear()
    return incoming


def finish(place: Place, draft: Draft) -> NewMessage:
    """For the store. A header may hold any octets, whoever sends it (ADR 10). Blocks."""
    source = _spool(place, draft).finish()
    parsed = parse(source.view())
    may = place.may  # what may not be set is left out, and no reason to refuse.  RFC 4314 4
    flags, keywords = draft.flags & may.flags, draft.keywords if may.keywords else ()
    return NewMessage(source, parsed, flags, keywords, draft.received)


def discard(drafts: Sequence[Draft]) -> None:
    """Blocks."""
    for draft in drafts:
        if draft.incoming is not None:
            draft.incoming.discard()
            draft.incoming = None
