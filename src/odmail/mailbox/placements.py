"""Messages entering and leaving mailboxes: the one place where placements and counters change together."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, bindparam, case, delete, exists, insert, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from odcore import clock
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.api import May
from odmail.mailbox.model import Flag
from odmail.mailbox.transaction import Box, Transaction

SEEN, DELETED = int(Flag.SEEN), int(Flag.DELETED)
"""Plain numbers: arithmetic on an enum is twenty times slower, and there may be 20,000 rows."""


_EVERYTHING = May()


class Place(msgspec.Struct, gc=False):
    """A placement without its mailbox. Fields are columns, in the order of `_FIND`."""

    uid: int
    message: int
    flags: int
    keywords: int
    received: int
    size: int
    modseq: int = 0


_placement, _seen, _reader = schema.placement, schema.seen, schema.reader
_IN_BOX = (_placement.c.account == bindparam("account"), _placement.c.mailbox == bindparam("mailbox"))
_FIND = statement(
    select(*(_placement.c[name] for name in Place.__struct_fields__))
    .where(
        *_IN_BOX,
        _placement.c.uid.between(bindparam("first"), bindparam("last")),
        _placement.c.flags.op("&")(bindparam("mask")) == bindparam("mask"),
    )
    .order_by(_placement.c.uid)
)
_ADD = statement(insert(_placement))
_REMOVE = statement(delete(_placement).where(*_IN_BOX, _placement.c.uid == bindparam("uid")))
_EXPUNGED = statement(insert(schema.expunged))
_ORPHAN = statement(upsert(schema.orphan).on_conflict_do_nothing())
_READERS = statement(
    select(_reader.c.reader).where(
        _reader.c.account == bindparam("account"),
        _reader.c.mailbox == bindparam("mailbox"),
        _reader.c.seen > literal_column("0"),
    )
)
_OF_READER = (
    _seen.c.account == bindparam("account"),
    _seen.c.reader == bindparam("reader"),
    _seen.c.mailbox == bindparam("mailbox"),
)
_SEEN = statement(select(_seen.c.uid).where(*_OF_READER, _seen.c.uid.between(bindparam("first"), bindparam("last"))))
_SEE = statement(insert(_seen))
_UNSEE = statement(delete(_seen).where(*_OF_READER, _seen.c.uid == bindparam("uid")))
_COUNT_SEEN = statement(
    upsert(_reader).on_conflict_do_update(
        index_elements=["account", "reader", "mailbox"],
        set_={"seen": _reader.c.seen + literal_column("excluded.seen")},
    )
)
_TOUCH = statement(
    update(_placement)
    .where(*_IN_BOX, _placement.c.uid == bindparam("uid"))
    .values(flags=bindparam("f"), keywords=bindparam("k"), modseq=bindparam("m"))
)

Ranges = Sequence[tuple[int, int]]


def find(tx: Transaction, mailbox: int, ranges: Ranges, flags: int = 0) -> list[Place]:
    """The placements in the ranges that have all of `flags`, ascending, each once."""
    found: list[Place] = []
    for first, last in merge(ranges):
        bindings = {"account": tx.account, "mailbox": mailbox, "first": first, "last": last, "mask": flags}
        found.extend(Place(*row) for row in tx.cursor.execute(_FIND, bindings))
    return found


def merge(ranges: Ranges) -> list[tuple[int, int]]:
    """The same uids as ascending ranges that neither touch nor overlap."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def add(tx: Transaction, box: Box, places: list[Place], modseq: int) -> list[int]:
    """Give each place the next uid of `box`; counters follow. The caller saves the box."""
    first, saved = box.uidnext, clock.timestamp()
    rows = [
        {
            "account": tx.account,
            "mailbox": box.mailbox,
            "uid": uid,
            "message": place.message,
            "flags": place.flags,
            "keywords": place.keywords,
            "modseq": modseq,
            "created": modseq,
            "saved": saved,
            "received": place.received,
            "size": place.size,
        }
        for uid, place in enumerate(places, first)
    ]
    tx.cursor.executemany(_ADD, rows)
    box.uidnext += len(places)
    box.highestmodseq = modseq
    _count(box, places, 1)
    return list(range(first, box.uidnext))


def remove(tx: Transaction, box: Box, places: list[Place], modseq: int) -> None:
    """Take placements out and remember their uids; counters follow. The caller saves the box."""
    key = {"account": tx.account, "mailbox": box.mailbox}
    rows = [{**key, "uid": place.uid, "modseq": modseq} for place in places]
    for reader in readers(tx, box.mailbox):
        unsee(tx, box.mailbox, reader, [place.uid for place in places])
    tx.cursor.executemany(_REMOVE, rows)
    tx.cursor.executemany(_EXPUNGED, rows)
    box.highestmodseq = modseq
    _count(box, places, -1)


def orphan(tx: Transaction, places: list[Place]) -> None:
    """Note the messages of removed places: `ops.purge` looks later which of them have no other place."""
    messages = {place.message for place in places}
    tx.cursor.executemany(_ORPHAN, [{"account": tx.account, "message": message} for message in messages])


def touch(tx: Transaction, box: Box, rows: list[tuple[int, int, int]], modseq: int) -> None:
    """Write (uid, flags, keywords) of changed messages. Counters are the caller's."""
    key = {"account": tx.account, "mailbox": box.mailbox, "m": modseq}
    tx.cursor.executemany(_TOUCH, [{**key, "uid": uid, "f": flags, "k": words} for uid, flags, words in rows])
    box.highestmodseq = modseq


def readers(tx: Transaction, mailbox: int) -> list[int]:
    """Those who have seen something in this mailbox."""
    return [reader for (reader,) in tx.cursor.all(_READERS, {"account": tx.account, "mailbox": mailbox})]


def seen_by(tx: Transaction, mailbox: int, reader: int, first: int, last: int) -> set[int]:
    """The uids from first to last that this reader has seen."""
    bindings = {"account": tx.account, "reader": reader, "mailbox": mailbox, "first": first, "last": last}
    return {uid for (uid,) in tx.cursor.execute(_SEEN, bindings)}


def see(tx: Transaction, mailbox: int, reader: int, uids: Sequence[int]) -> None:
    """The reader has now seen these, and had not before."""
    if uids:
        key = {"account": tx.account, "reader": reader, "mailbox": mailbox}
        tx.cursor.executemany(_SEE, [{**key, "uid": uid} for uid in uids])
        tx.cursor.execute(_COUNT_SEEN, {**key, "seen": len(uids)})


def unsee(tx: Transaction, mailbox: int, reader: int, uids: Sequence[int]) -> None:
    """Forget that the reader saw these; uids not seen do not matter."""
    if not uids:
        return
    had = seen_by(tx, mailbox, reader, min(uids), max(uids)).intersection(uids)
    if had:
        key = {"account": tx.account, "reader": reader, "mailbox": mailbox}
        tx.cursor.executemany(_UNSEE, [{**key, "uid": uid} for uid in had])
        tx.cursor.execute(_COUNT_SEEN, {**key, "seen": -len(had)})


def carry_seen(tx: Transaction, source: int, target: int, uids: dict[int, int], but: int = 0) -> None:
    """What each reader had seen, it has seen under the new uids (`uids`: old to new), too; all `but` one reader."""
    for reader in readers(tx, source):
        if reader == but:
            continue
        had = seen_by(tx, source, reader, min(uids), max(uids))
        see(tx, target, reader, [new for old, new in uids.items() if old in had])


def as_seen(flags: int, *, seen: bool) -> int:
    """Flags as a reader has them."""
    return flags | SEEN if seen else flags & ~SEEN


def flags_as_read() -> ColumnElement[int]:
    """The same in SQL: the flags of a placement as the one bound as `reader` has them."""
    seen = exists().where(
        _seen.c.account == _placement.c.account,
        _seen.c.reader == bindparam("reader"),
        _seen.c.mailbox == _placement.c.mailbox,
        _seen.c.uid == _placement.c.uid,
    )
    others = _placement.c.flags.op("&")(literal_column(str(~SEEN)))
    return others.op("|")(case((seen, literal_column(str(SEEN))), else_=literal_column("0")))


def bound(places: list[Place], may: May) -> list[Place]:
    """The places as somebody with these rights to the target can make them. The owner's \\Seen goes along."""
    if may == _EVERYTHING:
        return places
    flags = int(may.flags) | SEEN
    return [
        msgspec.structs.replace(place, flags=place.flags & flags, keywords=place.keywords if may.keywords else 0)
        for place in places
    ]


def _count(box: Box, places: list[Place], sign: int) -> None:
    box.present += sign * len(places)
    box.size += sign * sum(place.size for place in places)
    box.unseen += sign * sum(not place.flags & SEEN for place in places)
    box.deleted += sign * sum(bool(place.flags & DELETED) for place in places)
