"""A message enters: body first, then the rows that name it."""

from typing import Any

import msgspec
from sqlalchemy import insert

from odcore import clock
from odcore.blob.store import Blobs
from odcore.sql.database import Cursor
from odcore.sql.statement import statement
from odmail.queue.api import Accept
from odmail.queue.model import Status
from odmail.queue.schema import queued, recipient

_MESSAGE = statement(
    insert(queued)
    .values({column.name: None for column in queued.c if column.name != "number"})
    .returning(queued.c.number)
)
_RECIPIENT = statement(insert(recipient))
_encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct):
    """An accepted message as rows, made ready before the transaction begins."""

    message: dict[str, Any]
    recipients: list[dict[str, Any]]
    path: str | None  # the file to link as the body's blob


def prepare(id: str, options: Accept) -> Entry:
    """Everything that can be done without the database's lock."""
    now = clock.timestamp()
    source = options.source
    return Entry(
        message={
            "id": id,
            "accepted": now,
            "size": source.size,
            "sender": options.envelope.sender,
            "envelope": _encode(options.envelope).decode(),
            "origin": _encode(options.origin).decode(),
            "digest": source.digest if source.path else None,
            "body": None if source.path else source.view(),
        },
        recipients=[
            {
                "number": number,
                "address": each.address,
                "status": Status.WAITING.value,
                "attempts": 0,
                "due": now if options.due is None else options.due,
                "owner": "",
                "leased": 0,
                "notified": 0,
                "last_reply": "",
            }
            for number, each in enumerate(options.envelope.recipients)
        ],
        path=source.path,
    )


def accept(cursor: Cursor, blobs: Blobs, entry: Entry) -> None:
    """P4: the blob has its name before a row does. Linking under the lock keeps `settle.drop_blobs` from it."""
    if entry.path is not None:
        blobs.link_from(entry.path, entry.message["digest"])
    number = cursor.first(_MESSAGE, entry.message)[0]
    for each in entry.recipients:
        cursor.execute(_RECIPIENT, each | {"message": number})
