"""Messages enter: bodies first, then the rows that name them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import func, select

from odcore import clock
from odcore.blob.store import Blobs
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.api import Accept
from odmail.queue.model import Status
from odmail.queue.schema import queued, recipient

_LAST = statement(select(func.max(queued.c.number)))
_MESSAGE = ("number", "id", "accepted", "size", "sender", "envelope", "origin", "digest", "body")
_RECIPIENT = (
    "message",
    "number",
    "address",
    "status",
    "attempts",
    "due",
    "owner",
    "leased",
    "notified",
    "last_reply",
)
_encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct):
    """An accepted message as rows that lack only its number, made ready before the transaction begins."""

    message: tuple[Any, ...]
    recipients: list[tuple[Any, ...]]
    path: str | None  # the file to link as the body's blob
    digest: str | None


def prepare(id: str, options: Accept) -> Entry:
    """Everything that can be done without the database's lock."""
    now = clock.timestamp()
    envelope, source = options.envelope, options.source
    due = now if options.due is None else options.due
    digest = source.digest if source.path else None
    status = (Status.HELD if options.held else Status.WAITING).value
    return Entry(
        message=(
            id,
            now,
            source.size,
            envelope.sender,
            _encode(envelope).decode(),
            _encode(options.origin).decode(),
            digest,
            None if source.path else source.view(),
        ),
        recipients=[
            (number, each.address, status, 0, due, "", 0, 0, "") for number, each in enumerate(envelope.recipients)
        ],
        path=source.path,
        digest=digest,
    )


def accept(cursor: Cursor, blobs: Blobs, entries: Iterable[Entry]) -> None:
    """P4: a blob has its name before a row does. Linking under the lock keeps `settle.drop_blobs` from it."""
    messages: list[tuple[Any, ...]] = []
    recipients: list[tuple[Any, ...]] = []
    for number, entry in enumerate(entries, (cursor.first(_LAST)[0] or 0) + 1):
        if entry.path is not None and entry.digest is not None:
            blobs.link_from(entry.path, entry.digest)
        messages.append((number, *entry.message))
        recipients += [(number, *each) for each in entry.recipients]
    cursor.insert(queued, _MESSAGE, messages)
    cursor.insert(recipient, _RECIPIENT, recipients)
