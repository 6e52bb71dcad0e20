"""Whole messages out of a mailbox and into one, many at a time: for what copies mail."""

from collections.abc import Iterable, Iterator

import msgspec

from odcore.errors import Fault, Kind
from odmail.mailbox.api import Append, Fetch, MailAccount, NewMessage
from odmail.mailbox.model import Mailbox, Need, Row
from odmail.message.parse import parse

_LAST = (1 << 32) - 1
_AT_ONCE = 8 << 20


class Letter(msgspec.Struct, frozen=True):
    """A message to be stored."""

    octets: bytes
    flags: int = 0
    keywords: tuple[str, ...] = ()
    received: int | None = None


def messages(account: MailAccount, box: Mailbox) -> Iterator[tuple[Row, bytes]]:
    """All, ascending by uid, each with its octets."""
    uid = 1
    while True:
        rows = account.fetch(Fetch(box.id, [(uid, _LAST)], Need.BODY | Need.DATES, octets=_AT_ONCE))
        for row in rows:
            yield row, octets_of(row)
        if rows.complete:
            return
        uid = rows.uid[-1] + 1


def octets_of(row: Row) -> bytes:
    """Of a row that was asked for with its body."""
    if row.body is None:
        raise Fault(Kind.INTERNAL, f"Message {row.uid} has no body.")
    return row.body.read()


def put(account: MailAccount, target: str, letters: Iterable[Letter]) -> None:
    """All or none, in one transaction; durable when it returns."""
    spooled = []
    new = []
    try:
        for each in letters:
            incoming = account.incoming()
            spooled.append(incoming)
            incoming.write(each.octets)
            source = incoming.finish()
            new.append(NewMessage(source, parse(source.view()), each.flags, each.keywords, each.received))
        if new:
            account.append(Append(target, new))
    finally:
        for incoming in spooled:
            incoming.discard()
