"""APPEND of one message or several.  RFC 9051 6.3.12, RFC 4315 3, RFC 3502

What can be refused is refused before the go-ahead: mailbox, size, quota. The octets then stream into the store, 64 KiB
at a time, and all messages of one command become visible together.
"""

import msgspec

from odcore.blob.api import Incoming
from odcore.errors import Fault, Kind
from odmail.imap import writer
from odmail.imap.faults import refusal
from odmail.imap.names import Place
from odmail.imap.ports import House
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply
from odmail.imap.upload import Upload
from odmail.mailbox.api import Append, Appended, NewMessage
from odmail.mailbox.model import Flag
from odmail.message.parse import parse

BATCH = 64 << 10
MAX_MESSAGES = 100


class Draft(msgspec.Struct):
    """A message on its way in."""

    flags: Flag
    keywords: tuple[str, ...]
    received: int | None
    rest: list[bytes]  # octets not yet handed to `incoming`
    incoming: Incoming | None = None  # only once there is more than a batch, or another message follows


@command("APPEND", states=SIGNED_IN, rfc="9051 6.3.12", capability="UIDPLUS MULTIAPPEND", upload=True)
async def append(session: Session, args: Reader) -> Reply:
    """Put messages into a mailbox, all or none."""
    upload = session.upload
    if upload is None:
        raise BadSyntax("a message comes as a literal")
    name = args.mailbox()
    args.space()
    drafts: list[Draft] = []
    try:
        place = await session.place(name)
        room = await session.call(_room, session.house, place)
        while upload.literal is not None:
            draft = _options(args)
            room -= _check(session, upload.literal.size, room)
            if len(drafts) == MAX_MESSAGES:
                raise Fault(Kind.LIMIT, "Too many messages in one APPEND")
            drafts.append(draft)
            await _take(session, place, draft, upload)
            args = Reader(await upload.more())
            if upload.literal is not None:
                args.space()
        args.end()
        appended = await session.call(_store, place, drafts)
    except Fault as fault:
        return refusal(fault, b"TRYCREATE" if fault.kind is Kind.NOT_FOUND else b"")
    finally:
        if any(draft.incoming is not None for draft in drafts):
            await session.call(_discard, drafts)
    view = session.view
    if view is not None and view.mailbox == appended.mailbox and view.place.account.id == place.account.id:
        view.dirty = True
    return Reply("Message stored", b"APPENDUID %d %b" % (appended.uidvalidity, writer.uid_set(appended.uids)))


def _options(args: Reader) -> Draft:
    """`(\\Seen) "date" ` before a literal."""
    flags = Flag(0)
    keywords: tuple[str, ...] = ()
    received = None
    if args.peek(b"("):
        flags, keywords = args.flags()
        args.space()
    if args.peek(b'"'):
        received = args.date_time()
        args.space()
    args.end()
    return Draft(flags, keywords, received, [])


def _room(house: House, place: Place) -> int:
    """Octets that still fit. Faults NOT_FOUND when there is no such mailbox, LIMIT for the disk's sake. Blocks."""
    place.mailbox()
    house.check_space()
    quota = place.account.quota()
    return quota.limit - quota.used if quota.limit else 1 << 62


def _check(session: Session, size: int, room: int) -> int:
    if size == 0:
        raise Fault(Kind.BAD_REQUEST, "The message is empty")
    if size > session.house.settings.max_message:
        raise Fault(Kind.TOO_BIG, "Message too large")
    if size > room:
        raise Fault(Kind.OVER_QUOTA, "The mailbox is full")
    return size


async def _take(session: Session, place: Place, draft: Draft, upload: Upload) -> None:
    """Let the octets come. A small message makes no journey to another thread of its own."""
    waiting = 0
    async for data in upload.accept():
        draft.rest.append(data)
        waiting += len(data)
        if waiting >= BATCH:
            await session.call(_spool, place, draft)
            waiting = 0


def _spool(place: Place, draft: Draft) -> Incoming:
    """Blocks."""
    incoming = draft.incoming = draft.incoming or place.account.incoming()
    incoming.write(b"".join(draft.rest))
    draft.rest.clear()
    return incoming


def _store(place: Place, drafts: list[Draft]) -> Appended:
    """Blocks. Durable when it returns."""
    try:
        messages = [_finish(place, draft) for draft in drafts]
        return place.account.append(Append(place.name, messages, place.reader))
    finally:
        _discard(drafts)


def _finish(place: Place, draft: Draft) -> NewMessage:
    source = _spool(place, draft).finish()
    return NewMessage(source, parse(source.view()), draft.flags, draft.keywords, draft.received)


def _discard(drafts: list[Draft]) -> None:
    """Blocks."""
    for draft in drafts:
        if draft.incoming is not None:
            draft.incoming.discard()
            draft.incoming = None
