"""The notes in accounts' mailboxes, as the other face sees them: by key, by uid, by modseq."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from odcore.blob.incoming import Memory
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from odcore.notes import Letter, Look, Mark, Note
from odmail.mailbox.api import Append, Expunge, Fetch, MailAccount, MailStore, NewMessage, Replace, Since, Transfer
from odmail.mailbox.model import Flag, Mailbox, Need, Row, SpecialUse
from odmail.message.model import Part
from odmail.message.parse import parse
from odmail.notes import letter

_AT_ONCE = 200
"""Messages of a mailbox that is new to us."""

_part = msgspec.msgpack.Decoder(Part).decode

Author = Callable[[AccountId], tuple[str, str]]
"""An account's name and address."""


class NotesFolder:
    """`odcore.notes.Folder` over the mail store."""

    def __init__(self, store: MailStore, author: Author, host: str) -> None:
        self._store = store
        self._author = author
        self._host = host

    def box(self, account: AccountId) -> tuple[int, bool]:
        box = _used_as(self._store.open(account), SpecialUse.NOTES)
        return (-1, False) if box is None else (box.id, box.uidnext > 1)

    def look(self, account: AccountId, mark: Mark) -> Look | None:
        bound = self._store.open(account)
        box = _used_as(bound, SpecialUse.NOTES)
        if box is None:
            return None
        afresh = box.id != mark.mailbox
        since = Mark(box.id) if afresh else mark
        if box.highestmodseq <= since.modseq and box.uidnext <= since.uidnext:
            return Look(since, afresh, {}, [], more=False)
        changes = bound.changes(Since(box.id, since.modseq, since.uidnext))
        more = len(changes.added) > _AT_ONCE
        touched = [*changes.flagged, *changes.added[:_AT_ONCE]]
        there = [each.uid for each in touched if not each.flags & Flag.DELETED]
        gone = [(each.uid, each.uid) for each in touched if each.flags & Flag.DELETED]
        gone += changes.absent or [(uid, uid) for uid in changes.removed]
        to = Mark(box.id, changes.modseq, changes.uidnext)
        if more:
            to = Mark(box.id, since.modseq, changes.added[_AT_ONCE].uid)
        gone += _between(since.uidnext, to.uidnext, [each.uid for each in changes.added])
        return Look(to, afresh, _keys(bound, box.id, there), gone, more)

    def read(self, account: AccountId, mailbox: int, uid: int) -> Note | None:
        row = _row(self._store.open(account), mailbox, uid)
        return None if row is None or row.body is None else letter.read(row.header, _part(row.part), row.body.read)

    def put(self, account: AccountId, new: Letter) -> Mark:
        """What says more than the new text can is kept, in Trash."""
        bound = self._store.open(account)
        octets = letter.write(new.key, new.note, self._author(account), self._host)
        row = _row(bound, new.mark.mailbox, new.uid) if new.uid else None
        if new.uid and row is None:
            raise Fault(Kind.EXPUNGED, "The note is gone.")
        flags = Flag.SEEN if row is None else row.flags
        message = NewMessage(Memory(octets), parse(octets), flags)
        box = next(each for each in bound.mailboxes_by_id([new.mark.mailbox]))
        append = Append(box.name, [message], uidnext=new.mark.uidnext)
        if row is None:
            bound.append(append)
        elif row.body is not None and letter.is_rich(_part(row.part), row.body.read):
            self.remove(account, box.id, new.uid)
            bound.append(append)
        else:
            bound.replace(Replace(box.id, new.uid, append))
        return msgspec.structs.replace(new.mark, uidnext=new.mark.uidnext + 1)

    def remove(self, account: AccountId, mailbox: int, uid: int) -> None:
        bound, uids = self._store.open(account), [(uid, uid)]
        trash = _used_as(bound, SpecialUse.TRASH)
        if trash is None:
            bound.expunge(Expunge(mailbox, uids, marked=False))
        else:
            bound.move(Transfer(mailbox, uids, trash.name))


def _used_as(account: MailAccount, use: SpecialUse) -> Mailbox | None:
    return next((each for each in account.mailboxes() if each.special_use is use and each.selectable), None)


def _between(first: int, end: int, there: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ranges of uids that came and went before we looked: one of them may be of a note that we wrote."""
    for uid in (*sorted(there), end):
        if first < uid <= end:
            yield first, uid - 1
        first = max(first, uid + 1)


def _keys(account: MailAccount, mailbox: int, uids: Sequence[int]) -> dict[int, str]:
    """Of those that are notes."""
    if not uids:
        return {}
    rows = account.fetch(Fetch(mailbox, [(uid, uid) for uid in uids], Need.HEADER | Need.SIZE))
    keys = ((row.uid, letter.key(row)) for row in rows)
    return {uid: key for uid, key in keys if key is not None}


def _row(account: MailAccount, mailbox: int, uid: int) -> Row | None:
    rows = account.fetch(Fetch(mailbox, [(uid, uid)], Need.HEADER | Need.PART | Need.BODY))
    return next(iter(rows), None)
