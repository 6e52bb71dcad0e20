"""Which messages a command means: its set placed on the selected mailbox.  RFC 9051 6.4.9, RFC 5182"""

from odmail.imap import seqset
from odmail.imap.seqset import SequenceSet, Span
from odmail.imap.session import Session


async def chosen(session: Session, wanted: SequenceSet, *, by_uid: bool) -> list[Span]:
    """Spans of `session.selected.uids`. `$` means the saved search result either way."""
    uids = await session.numbers()
    if wanted.saved:
        return seqset.place_saved(session.selected.saved, uids)
    return seqset.place_uids(wanted, uids) if by_uid else seqset.place_numbers(wanted, len(uids))
