"""What tests of sending send, and to whom."""

from collections.abc import Callable

from odmail.delivery.ports import Outcome
from odmail.queue.model import Status

BODY = b"Subject: x\r\n\r\n.dot\r\nend\r\n"
STUFFED = BODY.replace(b"\r\n.", b"\r\n..")
READER = "reader@elsewhere.example"

Send = Callable[..., tuple[Outcome, ...]]
"""Gives one message to peers, in this order, and says what became of each recipient."""


class Octets:
    """A body in memory."""

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def read(self, offset: int = 0, length: int = -1) -> bytes:
        return self.data[offset:] if length < 0 else self.data[offset : offset + length]


def statuses(outcomes: tuple[Outcome, ...]) -> list[Status]:
    return [each.status for each in outcomes]
