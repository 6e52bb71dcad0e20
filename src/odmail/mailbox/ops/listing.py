"""LIST, STATUS and SELECT: mailboxes and their counters, read from their rows alone."""

import re
from collections.abc import Sequence

from sqlalchemy import bindparam, select

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.api import Listed
from odmail.mailbox.model import Mailbox, SpecialUse
from odmail.mailbox.ops.subscribe import subscribed, subscriptions
from odmail.mailbox.transaction import Box, Transaction

_reader = schema.reader
_OF_READER = (_reader.c.account == bindparam("account"), _reader.c.reader == bindparam("reader"))
_REMEMBERED = 200
"""A list of so many names is remembered until somebody writes into the account."""
_SEEN = statement(select(_reader.c.mailbox, _reader.c.seen).where(*_OF_READER))
_SEEN_IN = statement(select(_reader.c.seen).where(*_OF_READER, _reader.c.mailbox == bindparam("mailbox")))


def listed(tx: Transaction, reader: int) -> Listed:
    """All mailboxes, parents before children, and all subscribed names."""
    key = ("listed", tx.account, reader)
    known: Listed | None = tx.cursor.recall(key)
    if known is None:
        known = _listed(tx, reader)
        if len(known[0]) + len(known[1]) <= _REMEMBERED:
            tx.cursor.remember(key, known)
    return known


def _listed(tx: Transaction, reader: int) -> Listed:
    names = subscriptions(tx)
    wanted = set(names)
    seen = dict(tx.cursor.all(_SEEN, {"account": tx.account, "reader": reader})) if reader else {}
    boxes = sorted(tx.boxes(), key=lambda box: box.name.split("/"))
    found = (_mailbox(tx.account, box, box.name in wanted, _unseen(box, reader, seen)) for box in boxes)
    return tuple(found), tuple(names)


def mailboxes_by_id(tx: Transaction, mailboxes: Sequence[int], reader: int) -> list[Mailbox]:
    """Those of them that still exist, each by its key."""
    found = (tx.find_by_key(key) for key in mailboxes)
    return [describe(tx, box, reader) for box in found if box is not None]


def mailbox(tx: Transaction, name: str, reader: int) -> Mailbox:
    """One by name or by what programs call it, bare names included; Fault NOT_FOUND."""
    box = tx.meant(name)
    if box is None:
        raise Fault(Kind.NOT_FOUND, "No such mailbox")
    return describe(tx, box, reader)


def describe(tx: Transaction, box: Box, reader: int) -> Mailbox:
    """The mailbox of a row."""
    seen = {}
    if reader:
        bindings = {"account": tx.account, "reader": reader, "mailbox": box.mailbox}
        row = tx.cursor.first(_SEEN_IN, bindings)
        seen = {box.mailbox: row[0]} if row else {}
    return _mailbox(tx.account, box, subscribed(tx, box.name), _unseen(box, reader, seen))


def _unseen(box: Box, reader: int, seen: dict[int, int]) -> int:
    return box.present - seen.get(box.mailbox, 0) if reader else box.unseen


def _mailbox(account: int, box: Box, subscribed: bool, unseen: int) -> Mailbox:
    return Mailbox(
        id=box.mailbox,
        name=box.name,
        mailbox_id=f"{_id_prefix(account)}{box.mailbox:x}",
        uidvalidity=box.uidvalidity,
        uidnext=box.uidnext,
        highestmodseq=box.highestmodseq,
        exists=box.present,
        unseen=unseen,
        deleted=box.deleted,
        size=box.size,
        subscribed=subscribed,
        special_use=SpecialUse(box.special_use) if box.special_use else None,
        selectable=bool(box.selectable),
        recent_from=box.recent_from,
    )


def mailbox_key(account: int, mailbox_id: str) -> int:
    """The key of the mailbox with this MAILBOXID, 0 when it can be none of this account's."""
    rest = mailbox_id.removeprefix(_id_prefix(account))
    return int(rest, 16) if rest != mailbox_id and re.fullmatch("[0-9a-f]{1,15}", rest) else 0


def _id_prefix(account: int) -> str:
    return f"F{account:016x}"
