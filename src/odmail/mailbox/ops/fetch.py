"""FETCH: columns of messages, in one query for each range of uids, with only the columns asked for."""

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)

from odcore import haste
from odcore.blob.store import Blobs
from odcore.sql.statement import statement
from odmail.mailbox import placements, schema
from odmail.mailbox.api import Fetch
from odmail.mailbox.body import StoredBody
from odmail.mailbox.mirror import Mirror, Mirrors
from odmail.mailbox.model import Need, Rows
from odmail.mailbox.transaction import Box, Transaction

_AT_ONCE = 100
_BODIES_AT_ONCE = 10
"""Rows read before the octets are counted again. One body here has at most 64 KiB: larger ones are files."""

_placement, _message, _body = schema.placement, schema.message, schema.body
_outline, _structure = schema.outline, schema.structure
_other = _placement.alias("other")
_ALWAYS = ("uid", "flags", "keywords", "modseq", "message")
_HEADER = (
    select(_body.c.header)
    .where(_body.c.account == _placement.c.account, _body.c.message == _placement.c.message)
    .correlate(_placement)
    .scalar_subquery()
)
_OLD = cast(literal_column("x'00'").op("||")(_HEADER), LargeBinary)
"""Instead of keys that are still of an older kind, and of an outline that there is not."""
_COLUMNS: list[tuple[str, Need, ColumnElement[Any]]] = [
    ("size", Need.SIZE, _placement.c.size),
    ("received", Need.DATES, _placement.c.received),
    ("saved", Need.DATES, _placement.c.saved),
    ("thread", Need.THREAD, _message.c.thread),
    ("envelope", Need.ENVELOPE, _message.c.envelope),
    ("structure", Need.STRUCTURE, _structure.c.octets),
    ("preview", Need.PREVIEW, _message.c.preview),
    ("header_size", Need.PART, _message.c.header_size),
    ("header", Need.HEADER, _body.c.header),
    ("outline", Need.OUTLINE, func.coalesce(_outline.c.octets, _OLD)),
    ("part", Need.PART, _message.c.part),
    ("sort", Need.SORT, case((_message.c.links.is_(None), _OLD), else_=_message.c.sort)),
    ("sent", Need.SENT, _message.c.sent),
    ("links", Need.LINKS, func.coalesce(_message.c.links, _OLD)),
]
"""Fields of Rows: when wanted, and from where."""
_STORED = (_body.c.header, _body.c.rest, _message.c.digest, _message.c.size.label("octets"))
"""What a StoredBody is made of: the last columns when Need.BODY."""
_BODY = int(Need.BODY)
_CHANGED = select(_other.c.uid).where(  # few have a new modseq: found by its index alone
    _other.c.account == bindparam("account"),
    _other.c.mailbox == bindparam("mailbox"),
    _other.c.modseq > bindparam("since"),
)
_OCTETS = frozenset(("envelope", "structure", "preview", "header", "outline", "part", "sort", "links"))
_ELSEWHERE = Need.SIZE | Need.DATES | Need.HEADER | Need.OUTLINE | Need.STRUCTURE
"""All others are in the message's row."""


def fetch(tx: Transaction, options: Fetch, reader: int, blobs: Blobs, mirrors: Mirrors) -> Rows:
    """Ascending by uid; those that are gone are absent. Fault NOT_FOUND when the mailbox is."""
    box = tx.box(options.mailbox)
    need = int(options.need)  # a plain number is looked at ten times as quickly
    ranges = placements.merge(options.uids)
    if not (need or options.changed_since) and (mirror := _mirror(tx, box, reader, ranges, mirrors)):
        return mirror.rows(ranges)
    query = _query(need, private=bool(reader), since=bool(options.changed_since))
    bindings = {
        "account": tx.account,
        "mailbox": options.mailbox,
        "since": options.changed_since,
        "reader": reader,
    }
    names = _names(need)
    rows: list[Any] = []
    large = _large(need)
    at_once = _BODIES_AT_ONCE if need & _BODY else _AT_ONCE
    left = options.octets
    for first, last in ranges:
        found = tx.cursor.execute(query, {**bindings, "first": first, "last": last})
        if not (options.octets and large):
            rows += found
            continue
        while batch := list(islice(found, at_once)):
            rows += batch
            left -= _octets(batch, large)
            if left < 0:
                found.close(True)
                return _columns(names, rows, blobs, complete=False)
    return _columns(names, rows, blobs, complete=True)


def _mirror(tx: Transaction, box: Box, reader: int, ranges: placements.Ranges, mirrors: Mirrors) -> Mirror | None:
    """Made now where half of the mailbox is wanted anyhow."""
    wanted = sum(min(last, box.uidnext) - first + 1 for first, last in ranges)
    return mirrors.made(tx, box, reader) if 2 * wanted > box.present else mirrors.current(tx, box, reader)


def _octets(rows: Sequence[Any], large: Sequence[int]) -> int:
    """Of the columns that may be large."""
    columns = list(zip(*rows, strict=True))
    return sum(sum(map(len, filter(None, columns[at]))) for at in large)


@cache
def _large(need: int) -> tuple[int, ...]:
    """Which columns may be large: a body's are its header and the rest."""
    names = _names(need)
    large = [at for at, name in enumerate(names) if name in _OCTETS]
    return (*large, len(names), len(names) + 1) if need & Need.BODY else tuple(large)


def _columns(names: Sequence[str], rows: Sequence[Any], blobs: Blobs, *, complete: bool) -> Rows:
    columns: dict[str, Any] = dict(zip(names, zip(*rows, strict=True), strict=False))
    columns.setdefault("uid", ())
    if rows and len(rows[0]) > len(names):
        if any(row[-2] for row in rows):
            haste.wait()  # a file is to be read
        columns["body"] = [StoredBody(header, rest, digest, size, blobs) for *_, header, rest, digest, size in rows]
    return Rows(**columns, complete=complete)


@cache
def _names(need: int) -> tuple[str, ...]:
    return (*_ALWAYS, *(name for name, wanted, _ in _COLUMNS if need & wanted))


@cache
def _query(need: int, *, private: bool, since: bool) -> str:
    """Compiled once for each combination; a join only where a column asks for it."""
    columns = [_placement.c[name] for name in _ALWAYS] + [column for _, wanted, column in _COLUMNS if need & wanted]
    if private:
        columns[1] = placements.flags_as_read().label("flags")
    if need & Need.BODY:
        columns += _STORED
    source: Any = _placement
    if need & ~_ELSEWHERE:
        source = source.join(_message, _same_message(_message))
    if need & (Need.HEADER | Need.BODY):
        source = source.join(_body, _same_message(_body))
    if need & Need.STRUCTURE:
        source = source.join(_structure, _same_message(_structure))
    if need & Need.OUTLINE:
        source = source.outerjoin(_outline, _same_message(_outline))
    where = [
        _placement.c.account == bindparam("account"),
        _placement.c.mailbox == bindparam("mailbox"),
        _placement.c.uid.between(bindparam("first"), bindparam("last")),
    ]
    if since:
        where.append(_placement.c.uid.in_(_CHANGED))
    return statement(select(*columns).select_from(source).where(*where).order_by(_placement.c.uid))


def _same_message(table: Table) -> ColumnElement[bool]:
    return and_(table.c.account == _placement.c.account, table.c.message == _placement.c.message)
