"""Messages carried from one account to another: from a post's mailbox to the officer's own, or back.

Two accounts are two databases, so nothing spans both. Messages go in batches, each appended as a whole; for MOVE they
leave their source only after that, so that a crash can leave a message in both places but never in none.
"""

from collections.abc import Iterator, Sequence

import msgspec

from odcore.blob.api import Incoming
from odmail.mailbox.api import Append, Expunge, Fetch, MailAccount, May, NewMessage, UidRange
from odmail.mailbox.model import Need, Row
from odmail.message.parse import parse

BATCH = 100
"""Messages appended at once. Large ones lie on disk meanwhile, small ones in memory."""

_PIECE = 1 << 18


class End(msgspec.Struct, frozen=True):
    """One end of the way: a mailbox of an account, as `reader` sees it."""

    account: MailAccount
    mailbox: int
    name: str
    reader: str = ""
    may: May = May()


class Carried(msgspec.Struct):
    """As COPYUID tells it: `source[i]` became `target[i]`."""

    uidvalidity: int
    source: list[int]
    target: list[int]
    modseq: int = 0  # for MOVE: the source's HIGHESTMODSEQ afterwards


def carry(source: End, target: End, uids: Sequence[UidRange]) -> Carried:
    """Append one batch of messages to the target, with their flags and dates. Blocks."""
    rows = source.account.fetch(Fetch(source.mailbox, uids, Need.DATES | Need.SIZE | Need.BODY, source.reader))
    names = source.account.keywords()
    spooled: list[Incoming] = []
    try:
        messages = []
        for row in rows:
            spooled.append(target.account.incoming())
            messages.append(_message(row, names, spooled[-1], target.may))
        if not messages:
            return Carried(0, [], [])
        appended = target.account.append(Append(target.name, messages, target.reader))
    finally:
        for incoming in spooled:
            incoming.discard()
    return Carried(appended.uidvalidity, list(rows.uid), appended.uids)


def _message(row: Row, names: tuple[str, ...], incoming: Incoming, may: May) -> NewMessage:
    for piece in _pieces(row):
        incoming.write(piece)
    source = incoming.finish()
    keywords = tuple(name for bit, name in enumerate(names) if row.keywords >> bit & 1)
    flags, keywords = row.flags & may.flags, keywords if may.keywords else ()
    return NewMessage(source, parse(source.view()), flags, keywords, row.received)


def _pieces(row: Row) -> Iterator[bytes]:
    if row.body is None:
        raise ValueError("the row was fetched without its body")
    for offset in range(0, row.body.size, _PIECE):
        yield row.body.read(offset, min(_PIECE, row.body.size - offset))


def remove(end: End, uids: Sequence[int]) -> int:
    """Take these messages away for good; the mailbox's new HIGHESTMODSEQ. Blocks."""
    return end.account.expunge(Expunge(end.mailbox, [(uid, uid) for uid in uids], marked=False)).modseq
