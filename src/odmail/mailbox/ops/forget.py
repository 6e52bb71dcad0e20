"""The memory of expunged uids has a bound.  RFC 7162 5.3

A mailbox remembers its last MOST expunges or so. Older ones are forgotten at the second of two daily rounds, so that
every session that is still open has heard of them long ago. Whoever comes back with an older modseq is told of all uids
that are not there (`ops.changes`).
"""

from sqlalchemy import bindparam, delete, select

from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.transaction import Box, Transaction

MOST = 50_000

_expunged = schema.expunged
_IN_BOX = (_expunged.c.account == bindparam("account"), _expunged.c.mailbox == bindparam("mailbox"))
_OLDEST_KEPT = statement(
    select(_expunged.c.modseq).where(*_IN_BOX).order_by(_expunged.c.modseq.desc()).limit(1).offset(bindparam("most"))
)
_FORGET = statement(delete(_expunged).where(*_IN_BOX, _expunged.c.modseq <= bindparam("modseq")))


def forget(tx: Transaction) -> None:
    """Daily: forget what the last round found to be too much, and find what the next one shall forget."""
    for box in tx.boxes():
        before = box.forgotten, box.fading
        _forget(tx, box)
        if (box.forgotten, box.fading) != before:
            tx.save_box(box)


def _forget(tx: Transaction, box: Box) -> None:
    key = {"account": tx.account, "mailbox": box.mailbox}
    if box.fading > box.forgotten:
        tx.cursor.execute(_FORGET, {**key, "modseq": box.fading})
        box.forgotten = box.fading
    row = tx.cursor.first(_OLDEST_KEPT, {**key, "most": MOST})
    box.fading = row[0] if row else box.forgotten
