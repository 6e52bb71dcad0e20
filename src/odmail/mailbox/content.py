"""A stored message as a search reads it: its header block and its text, decoded when first asked for."""

from functools import cached_property

import msgspec
from sqlalchemy import bindparam, select

from odcore.blob.store import Blobs
from odcore.errors import Fault
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.body import StoredBody
from odmail.mailbox.transaction import Transaction
from odmail.message import header, text
from odmail.message.model import Part

_message, _body = schema.message, schema.body
_ONE = statement(
    select(_message.c.size, _message.c.part, _message.c.digest, _body.c.header, _body.c.rest)
    .select_from(
        _message.join(_body, (_body.c.account == _message.c.account) & (_body.c.message == _message.c.message))
    )
    .where(_message.c.account == bindparam("account"), _message.c.message == bindparam("message"))
)
_part = msgspec.msgpack.Decoder(Part).decode


class Content:
    """What may be found in one message."""

    def __init__(self, block: bytes, part: bytes, stored: StoredBody) -> None:
        self._block = block
        self._part = part
        self._stored = stored

    @cached_property
    def header(self) -> str:
        """All fields, normalized."""
        return text.of_header(self._block)

    @cached_property
    def body(self) -> str:
        """The text of the parts, normalized; nothing when the octets were purged meanwhile."""
        try:
            return text.of_body(_part(self._part), self._stored.read)
        except Fault:
            return ""

    def fields(self, name: str) -> list[str]:
        """Every field called `name`, normalized."""
        return [text.normalize(value) for value in header.values(self._block, name)]


def load(tx: Transaction, message: int, blobs: Blobs) -> Content | None:
    """None when the message was purged."""
    row = tx.cursor.first(_ONE, {"account": tx.account, "message": message})
    if row is None:
        return None
    size, part, digest, block, rest = row
    return Content(block, part, StoredBody(block, rest, digest, size, blobs))
