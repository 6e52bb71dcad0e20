"""Rows of the queue's tables as the structs of its port."""

from collections.abc import Sequence
from typing import Any

import msgspec

from odmail.queue.model import Envelope, Origin, Queued, QueuedRecipient, Status
from odmail.queue.schema import queued, recipient

MESSAGE = (
    queued.c.number,
    queued.c.id,
    queued.c.accepted,
    queued.c.size,
    queued.c.envelope,
    queued.c.origin,
    queued.c.digest,
)
"""Columns that make a `Queued`, in the order `message` expects."""

STANDING = (
    recipient.c.number,
    recipient.c.status,
    recipient.c.attempts,
    recipient.c.due,
    recipient.c.last_reply,
    recipient.c.notified,
)
"""Columns that make a `QueuedRecipient`."""

_envelope = msgspec.json.Decoder(Envelope)
_origin = msgspec.json.Decoder(Origin)


def message(row: Sequence[Any], standings: list[tuple[Any, ...]]) -> Queued:
    """A message with its recipients in the order of the envelope."""
    _, name, accepted, size, envelope, origin, _ = row
    decoded = _envelope.decode(envelope)
    return Queued(
        id=name,
        envelope=decoded,
        origin=_origin.decode(origin),
        size=size,
        accepted=accepted,
        recipients=tuple(_standing(decoded, standing) for standing in standings),
    )


def _standing(envelope: Envelope, row: tuple[Any, ...]) -> QueuedRecipient:
    number, status, attempts, due, last_reply, notified = row
    return QueuedRecipient(
        number=number,
        recipient=envelope.recipients[number],
        status=Status(status),
        attempts=attempts,
        due=due,
        last_reply=last_reply,
        notified=bool(notified),
    )
