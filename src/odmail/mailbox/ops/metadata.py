"""Annotations of mailboxes and, under mailbox 0, of the server as a person sees it.  RFC 5464

An entry that was removed stays as a row without a value, so that its removal can be told; such rows go when room is
needed.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.expression import literal_column

from odcore.errors import Fault, Kind
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.api import Annotated, Annotations, GetMetadata, SetMetadata
from odmail.mailbox.model import LARGEST_ANNOTATION
from odmail.mailbox.transaction import Transaction

_MOST_ENTRIES = 100  # of one person, or shared, in one mailbox
_MOST_IN_ALL = 1 << 20  # octets of one person, or shared, in one account
_SHARED = -1
"""In the place of a reader's key."""

_metadata = schema.annotation
_OF_ACCOUNT = _metadata.c.account == bindparam("account")
_OF_BOX = (_OF_ACCOUNT, _metadata.c.mailbox == bindparam("mailbox"))
_OF_READER = _metadata.c.reader == bindparam("reader")
_HAS_VALUE = _metadata.c.value.is_not(None)
_VALUES = statement(
    select(_metadata.c.entry, _metadata.c.value)
    .where(*_OF_BOX, _HAS_VALUE, _metadata.c.reader.in_((bindparam("reader"), literal_column(str(_SHARED)))))
    .order_by(_metadata.c.entry)
)
_SET = statement(
    upsert(_metadata).on_conflict_do_update(
        index_elements=["account", "mailbox", "reader", "entry"],
        set_={name: literal_column(f"excluded.{name}") for name in ("value", "modseq")},
    )
)
_COUNT = statement(
    select(func.count(), func.count(_metadata.c.value)).select_from(_metadata).where(*_OF_BOX, _OF_READER)
)
_OCTETS = statement(select(func.sum(func.length(_metadata.c.value))).where(_OF_ACCOUNT, _OF_READER))
_CLEAR = statement(delete(_metadata).where(*_OF_BOX, _OF_READER, _metadata.c.value.is_(None)))
_CHANGED = statement(
    select(_metadata.c.mailbox, _metadata.c.entry, _metadata.c.modseq)
    .where(
        _OF_ACCOUNT,
        _metadata.c.modseq > bindparam("modseq"),
        _metadata.c.reader.in_((bindparam("reader"), literal_column(str(_SHARED)))),
    )
    .order_by(_metadata.c.mailbox, _metadata.c.entry)
)


def get_metadata(tx: Transaction, options: GetMetadata, reader: int) -> dict[str, bytes]:
    """Entries that have a value, those below the names asked for among them as deep as `depth` says."""
    bindings = {"account": tx.account, "mailbox": _mailbox(tx, options.name), "reader": reader}
    known = tx.cursor.all(_VALUES, bindings)
    return {entry: value for entry, value in known if _is_asked(entry, options)}


def set_metadata(tx: Transaction, options: SetMetadata, reader: int) -> int:
    """All or none; the modseq they have. Faults TOO_BIG for a value, LIMIT for too many, NOT_FOUND for the mailbox."""
    if any(value is not None and len(value) > LARGEST_ANNOTATION for value in options.values.values()):
        raise Fault(Kind.TOO_BIG, "The annotation is too large.")
    mailbox, books = _mailbox(tx, options.name), tx.books()
    modseq = books.tick()
    for scope in (_SHARED, reader):
        key = {"account": tx.account, "mailbox": mailbox, "reader": scope}
        values = {name: v for name, v in options.values.items() if name.startswith("/shared/") is (scope == _SHARED)}
        if values:
            _write(tx, key, values, modseq)
    tx.save_books(books)
    tx.annotated[mailbox] = modseq
    return modseq


def changed(tx: Transaction, modseq: int, reader: int) -> Annotations:
    """Names of the entries that changed after `modseq`; the reader's own and shared ones."""
    rows = tx.cursor.all(_CHANGED, {"account": tx.account, "modseq": modseq, "reader": reader})
    return Annotations(tx.books().modseq, [Annotated(*row) for row in rows])


def _write(tx: Transaction, key: Mapping[str, int], values: Mapping[str, bytes | None], modseq: int) -> None:
    tx.cursor.executemany(_SET, [{**key, "entry": e, "value": v, "modseq": modseq} for e, v in values.items()])
    rows, kept = tx.cursor.first(_COUNT, key)
    octets = tx.cursor.first(_OCTETS, {"account": key["account"], "reader": key["reader"]})[0] or 0
    if any(value is not None for value in values.values()) and (kept > _MOST_ENTRIES or octets > _MOST_IN_ALL):
        raise Fault(Kind.LIMIT, "There are too many annotations.")
    if rows > 2 * _MOST_ENTRIES:
        tx.cursor.execute(_CLEAR, key)


def _mailbox(tx: Transaction, name: str) -> int:
    if not name:
        return 0
    box = tx.meant(name)
    if box is None:
        raise Fault(Kind.NOT_FOUND, "No such mailbox")
    return box.mailbox


def _is_asked(entry: str, options: GetMetadata) -> bool:
    return any(_is_within(entry, name, options.depth) for name in options.entries)


def _is_within(entry: str, name: str, depth: int | None) -> bool:
    if entry == name:
        return True
    below = entry.removeprefix(name + "/")
    return below != entry and (depth is None or below.count("/") < depth)


def copy(tx: Transaction, source: int, target: int, modseq: int) -> None:
    """The same annotations on another mailbox: RENAME of INBOX leaves them on both.  RFC 5464 4.1"""
    rows: Iterable[tuple[int, str, bytes]] = tx.cursor.all(_COPIED, {"account": tx.account, "mailbox": source})
    key = {"account": tx.account, "mailbox": target, "modseq": modseq}
    tx.cursor.executemany(_SET, [{**key, "reader": r, "entry": e, "value": v} for r, e, v in rows])


_COPIED = statement(select(_metadata.c.reader, _metadata.c.entry, _metadata.c.value).where(*_OF_BOX, _HAS_VALUE))
