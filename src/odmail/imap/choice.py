"""Which messages a command means: its set placed on the selected mailbox.  RFC 9051 6.4.9, RFC 5182"""

from odmail.imap import seqset
from odmail.imap.seqset import SequenceSet, Span
from odmail.imap.session import Session
from odmail.imap.watching import NEVER


async def chosen(session: Session, wanted: SequenceSet, *, by_uid: bool, first: int = 1) -> list[Span]:
    """Spans of `session.selected.uids`. `$` means the saved search result either way. Nobody asks for uids below
    `first`."""
    view = session.selected
    if wanted.saved:
        return seqset.place_saved(view.saved, await session.numbers(min(view.saved, default=NEVER)))
    if by_uid:
        return seqset.place_uids(wanted, await session.numbers(max(wanted.lowest or NEVER, first), 1))
    uids = await session.numbers(NEVER, view.exists - wanted.lowest + 1 if wanted.lowest else 1)
    return seqset.place_numbers(wanted, len(uids))
