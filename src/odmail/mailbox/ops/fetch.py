"""FETCH: rows of messages, in one query for each range of uids, with only the columns asked for."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, literal_column, select

from odcore.blob.store import Blobs
from odcore.sql.statement import statement
from odmail.mailbox import placements, schema
from odmail.mailbox.api import Fetch
from odmail.mailbox.body import StoredBody
from odmail.mailbox.model import Need, Row
from odmail.mailbox.transaction import Transaction

_placement, _message, _body = schema.placement, schema.message, schema.body
_NUMBER: ColumnElement[Any] = literal_column("0")
_OCTETS: ColumnElement[Any] = literal_column("x''")
_TEXT: ColumnElement[Any] = literal_column("''")
_COLUMNS: list[tuple[Need, ColumnElement[Any], ColumnElement[Any]]] = [
    (Need.SIZE, _placement.c.size, _NUMBER),
    (Need.DATES, _placement.c.received, _NUMBER),
    (Need.DATES, _placement.c.saved, _NUMBER),
    (Need.THREAD, _message.c.thread, _NUMBER),
    (Need.ENVELOPE, _message.c.envelope, _OCTETS),
    (Need.STRUCTURE, _message.c.structure, _OCTETS),
    (Need.PREVIEW, _message.c.preview, _TEXT),
    (Need.HEADER | Need.PART, _message.c.header_size, _NUMBER),
    (Need.HEADER, _body.c.header, _OCTETS),
    (Need.PART, _message.c.part, _OCTETS),
    (Need.SORT, _message.c.sort, _OCTETS),
    (Need.SORT, _message.c.sent, _NUMBER),
]
"""The fields of Row from `size` to `sent`: when wanted, from where, and what else."""
_IN_MESSAGE = (
    Need.THREAD | Need.ENVELOPE | Need.STRUCTURE | Need.PREVIEW | Need.HEADER | Need.PART | Need.BODY | Need.SORT
)


def fetch(tx: Transaction, options: Fetch, reader: int, blobs: Blobs) -> list[Row]:
    """Ascending by uid; those that are gone are absent. Fault NOT_FOUND when the mailbox is."""
    tx.box(options.mailbox)
    rows: list[Row] = []
    for first, last in placements.merge(options.uids):
        bindings = {
            "account": tx.account,
            "mailbox": options.mailbox,
            "first": first,
            "last": last,
            "since": options.changed_since,
        }
        seen = placements.seen_by(tx, options.mailbox, reader, first, last) if reader else set()
        found: Iterator[Any] = tx.cursor.execute(_query(options.need), bindings)
        if options.need & Need.BODY:
            found = (_with_body(row, blobs) for row in found)
        if reader:
            found = _as_seen(found, seen)
        rows.extend(Row(*row) for row in found)
    return rows


def _with_body(row: Any, blobs: Blobs) -> Any:
    *fields, header, rest, digest, size = row
    return *fields, StoredBody(header, rest, digest, size, blobs)


def _as_seen(rows: Iterator[Any], seen: set[int]) -> Iterator[Any]:
    for uid, flags, *others in rows:
        yield uid, placements.as_seen(flags, seen=uid in seen), *others


@cache
def _query(need: Need) -> str:
    """Compiled once for each combination; a join only where a column asks for it."""
    last = max((number for number, (wanted, *_) in enumerate(_COLUMNS, 1) if need & wanted), default=0)
    if need & Need.BODY:
        last = len(_COLUMNS)
    columns = [column if need & wanted else other for wanted, column, other in _COLUMNS[:last]]
    if need & Need.BODY:
        columns += [_body.c.header, _body.c.rest, _message.c.digest, _message.c.size.label("octets")]
    source: Any = _placement
    if need & _IN_MESSAGE:
        source = source.join(_message, _same_message(_message))
    if need & (Need.HEADER | Need.BODY):
        source = source.join(_body, _same_message(_body))
    start = (_placement.c.uid, _placement.c.flags, _placement.c.keywords, _placement.c.modseq, _placement.c.message)
    return statement(
        select(*start, *columns)
        .select_from(source)
        .where(
            _placement.c.account == bindparam("account"),
            _placement.c.mailbox == bindparam("mailbox"),
            _placement.c.uid.between(bindparam("first"), bindparam("last")),
            _placement.c.modseq > bindparam("since"),
        )
        .order_by(_placement.c.uid)
    )


def _same_message(table: Table) -> ColumnElement[bool]:
    return (table.c.account == _placement.c.account) & (table.c.message == _placement.c.message)
