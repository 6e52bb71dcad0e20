"""What scripts send: into the queue, as mail of this house.  RFC 5228 4.2, RFC 5230 5.1"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from odcore.blob.api import Source
from odcore.blob.incoming import Incoming, Memory
from odmail.delivery.local import Drop
from odmail.queue.api import Accept, Queue
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.sieve.actions import REDIRECTED

_PIECE = 1 << 20


class Spool(Queue, Protocol):
    """A queue that also lends a place for octets that it may take over by a link."""

    def incoming(self) -> Incoming:
        """For one message."""


class Outgoing:
    """Puts letters into the queue."""

    def __init__(self, queue: Spool) -> None:
        self._queue = queue

    def send(self, parent: str, recipients: Sequence[str], octets: bytes) -> None:
        """An answer to `parent`, from nobody: nothing comes back, nothing goes around.  RFC 3834 3.3"""
        to = tuple(Recipient(address, notify=("NEVER",)) for address in recipients)
        utf8 = not all(address.isascii() for address in recipients)
        envelope = Envelope("", to, body="8BITMIME", smtputf8=utf8)
        self._queue.accept(Accept(envelope, Origin("local"), Memory(octets), parent=parent))

    def redirect(self, drop: Drop, address: str, edited: bytes | None) -> None:
        """The message as it is, or with its edited header, for another recipient; reports go to its sender still."""
        letter = drop.letter
        mark = f"{REDIRECTED}: {drop.address}\r\n".encode()
        view, size = letter.source.view(), letter.parsed.header_size
        block = bytes(view[:size]) if edited is None else edited
        utf8 = not (block.isascii() and address.isascii())
        envelope = Envelope(
            letter.sender, (Recipient(address),), body="8BITMIME", smtputf8=utf8, requiretls=letter.requiretls
        )
        with joined(self._queue, mark, block, view[size:]) as source:
            self._queue.accept(Accept(envelope, Origin("local", verdict=letter.verdict), source, parent=letter.id))


@contextmanager
def joined(spool: Spool, fields: bytes, block: bytes, rest: memoryview, *, as_file: bool = False) -> Iterator[Source]:
    """A message with more fields before its own, for as long as the queue takes it over; a file even if it is small.

    The Return-Path that our gate put first stays the first line.
    """
    end = block.find(b"\r\n") + 2 if block[:12].lower() == b"return-path:" else 0
    incoming = spool.incoming()
    try:
        incoming.write(block[:end] + fields + block[end:])
        for at in range(0, len(rest), _PIECE):
            incoming.write(bytes(rest[at : at + _PIECE]))
        yield incoming.finish_file() if as_file else incoming.finish()
    finally:
        incoming.discard()
