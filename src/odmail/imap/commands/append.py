"""APPEND of one message or several.  RFC 9051 6.3.12, RFC 4315 3, RFC 3502

All messages of one command become visible together.
"""

from odcore.errors import Fault, Kind
from odmail.imap import drafts, writer
from odmail.imap.drafts import Draft
from odmail.imap.faults import refusal
from odmail.imap.names import Place
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import SIGNED_IN, BadSyntax, Reply
from odmail.mailbox.api import Append, Appended

MAX_MESSAGES = 100


@command("APPEND", states=SIGNED_IN, rfc="9051 6.3.12", capability="UIDPLUS MULTIAPPEND", upload=0)
async def append(session: Session, args: Reader) -> Reply:
    """Put messages into a mailbox, all or none."""
    upload = session.upload
    if upload is None:
        raise BadSyntax("a message comes as a literal")
    name = args.mailbox()
    args.space()
    taken: list[Draft] = []
    try:
        place = await session.place(name)
        room = await session.call(drafts.room, session, place)
        while upload.literal is not None:
            draft = drafts.read(args, upload)
            room -= drafts.check(session, upload.literal.size, room)
            if len(taken) == MAX_MESSAGES:
                raise Fault(Kind.LIMIT, "Too many messages in one APPEND")
            taken.append(draft)
            args = await drafts.take(session, place, draft, upload)
            if upload.literal is not None:
                args.space()
        args.end()
        appended = await session.call(_store, place, taken)
    except Fault as fault:
        return refusal(fault, b"TRYCREATE" if fault.kind is Kind.NOT_FOUND else b"")
    finally:
        if any(draft.incoming is not None for draft in taken):
            await session.call(drafts.discard, taken)
    view = session.view
    if view is not None and view.mailbox == appended.mailbox and view.place.account.id == place.account.id:
        view.dirty = True
        view.mine.update(appended.uids)
    return Reply("Message stored", b"APPENDUID %d %b" % (appended.uidvalidity, writer.uid_set(appended.uids)))


def _store(place: Place, taken: list[Draft]) -> Appended:
    """Blocks. Durable when it returns."""
    try:
        messages = [drafts.finish(place, draft) for draft in taken]
        return place.account.append(Append(place.name, messages, place.reader))
    finally:
        drafts.discard(taken)
