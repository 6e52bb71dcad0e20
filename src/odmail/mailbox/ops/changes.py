"""What a session sees: the uids of its snapshot, and all that happened since.  RFC 7162"""

from array import array
from itertools import pairwise

from sqlalchemy import bindparam, select

from odcore import haste
from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import placements, schema, text
from odmail.mailbox.api import Since, Snapshot
from odmail.mailbox.changes import Changes, Flagged
from odmail.mailbox.mirror import FEW, Mirrors
from odmail.mailbox.transaction import Box, Transaction

_placement, _expunged = schema.placement, schema.expunged
_IN_BOX = (_placement.c.account == bindparam("account"), _placement.c.mailbox == bindparam("mailbox"))
_GONE = (
    select(_expunged.c.uid)
    .where(
        _expunged.c.account == bindparam("account"),
        _expunged.c.mailbox == bindparam("mailbox"),
        _expunged.c.modseq > bindparam("modseq"),
        _expunged.c.modseq <= bindparam("until"),
        _expunged.c.uid >= bindparam("first"),
        _expunged.c.uid < bindparam("uidnext"),
    )
    .order_by(_expunged.c.uid)
)
_REMOVED = statement(_GONE)
_PRESENT = statement(
    select(_placement.c.uid, _placement.c.modseq)
    .where(*_IN_BOX, _placement.c.uid >= bindparam("first"), _placement.c.uid < bindparam("uidnext"))
    .order_by(_placement.c.uid)
)
_LAST = statement(
    select(_placement.c.uid)
    .where(*_IN_BOX, _placement.c.uid < bindparam("uidnext"))
    .order_by(_placement.c.uid.desc())
    .limit(1)
    .offset(bindparam("skip"))
)
_EVER = (1 << 63) - 1
_FLAGS = (_placement.c.uid, _placement.c.flags, _placement.c.keywords, _placement.c.modseq)
_other = _placement.alias("other")
_FLAGGED = statement(
    select(*_FLAGS)
    .where(
        *_IN_BOX,
        _placement.c.uid < bindparam("uidnext"),
        _placement.c.uid.in_(  # few have a new modseq: found by its index alone
            select(_other.c.uid).where(
                _other.c.account == bindparam("account"),
                _other.c.mailbox == bindparam("mailbox"),
                _other.c.modseq > bindparam("modseq"),
            )
        ),
    )
    .order_by(_placement.c.uid)
)
_ADDED = statement(select(*_FLAGS).where(*_IN_BOX, _placement.c.uid >= bindparam("uidnext")).order_by(_placement.c.uid))


def uids(tx: Transaction, snapshot: Snapshot, mirrors: Mirrors) -> "array[int]":
    """Those present now and those expunged since: both were alive then."""
    box = tx.box(snapshot.mailbox)
    if snapshot.modseq < box.forgotten:
        raise Fault(Kind.CONFLICT, "Select the mailbox again: much has changed.")
    key = {"account": tx.account, "mailbox": snapshot.mailbox, "uidnext": snapshot.uidnext, "first": snapshot.first}
    if snapshot.first <= 1 or snapshot.most > box.present // 2:
        key["first"] = 1
        everything = mirrors.made(tx, box)
        present = everything.uid[everything.between(1, snapshot.uidnext - 1)]
    else:
        present = _last(tx, box, snapshot, key)
    if snapshot.modseq == box.highestmodseq:
        return present
    gone = [uid for (uid,) in tx.cursor.execute(_REMOVED, {**key, "modseq": snapshot.modseq, "until": _EVER})]
    return array("I", sorted([*present, *gone])) if gone else present


def _last(tx: Transaction, box: Box, snapshot: Snapshot, key: dict[str, int]) -> "array[int]":
    """Only those asked for; `key["first"]` becomes the first of them."""
    if box.present > FEW and (snapshot.first < snapshot.uidnext or snapshot.most > FEW):
        haste.wait()
    if snapshot.most:
        row = tx.cursor.first(_LAST, {**key, "skip": snapshot.most - 1})
        key["first"] = min(snapshot.first, row[0]) if row else 1
    return array("I", text.gathered(tx, _PRESENT, key)[0])


def changes(tx: Transaction, since: Since, reader: int, mirrors: Mirrors) -> Changes:
    """Folded: a message that came and went between is in none of the lists."""
    box = tx.box(since.mailbox)
    if box.highestmodseq <= since.modseq and box.uidnext <= since.uidnext:
        return Changes(box.highestmodseq, box.uidnext, [], [], array("I"))
    haste.wait()  # there may be many
    key = {"account": tx.account, "mailbox": since.mailbox, "uidnext": since.uidnext}
    added = _flagged(tx, since.mailbox, reader, tx.cursor.all(_ADDED, key))
    key["modseq"] = since.modseq
    flagged = _flagged(tx, since.mailbox, reader, tx.cursor.all(_FLAGGED, key))
    key |= {"first": 1, "until": since.until}
    if since.modseq < box.forgotten:
        return Changes(box.highestmodseq, box.uidnext, added, flagged, array("I"), _absent(tx, since, mirrors))
    removed = array("I", [uid for (uid,) in tx.cursor.execute(_REMOVED, key)])
    return Changes(box.highestmodseq, box.uidnext, added, flagged, removed)


def _absent(tx: Transaction, since: Since, mirrors: Mirrors) -> list[tuple[int, int]]:
    """The ranges between the uids that were there at `until`."""
    there = uids(tx, Snapshot(since.mailbox, since.uidnext, since.until), mirrors)
    edges = pairwise([0, *there, since.uidnext])
    return [(before + 1, after - 1) for before, after in edges if before + 1 < after]


def take_recent(tx: Transaction, mailbox: int) -> int:
    """The first \\Recent uid; from now on nothing is recent.  RFC 3501 2.3.2"""
    box = tx.box(mailbox)
    first, box.recent_from = box.recent_from, box.uidnext
    if first != box.uidnext:
        tx.save_box(box)
    return first


def _flagged(tx: Transaction, mailbox: int, reader: int, rows: list[tuple[int, int, int, int]]) -> list[Flagged]:
    if not reader or not rows:
        return [Flagged(*row) for row in rows]
    seen = placements.seen_by(tx, mailbox, reader, rows[0][0], rows[-1][0])
    return [
        Flagged(uid, placements.as_seen(flags, seen=uid in seen), words, modseq) for uid, flags, words, modseq in rows
    ]
