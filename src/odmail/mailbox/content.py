"""A stored message as a search reads it: its header block and its text, decoded when first asked for."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec
from sqlalchemy import bindparam, literal_column, select

from odcore.blob.store import Blobs
from odcore.errors import Fault
from odcore.folding import normalize
from odcore.sql.statement import statement
from odmail.mailbox import schema
from odmail.mailbox.body import StoredBody
from odmail.mailbox.text import in_list
from odmail.mailbox.transaction import Transaction
from odmail.message import header, text
from odmail.message.model import Part

_message, _body = schema.message, schema.body
_EACH = statement(
    select(_message.c.message, _message.c.size, _message.c.part, _message.c.digest, _body.c.header, _body.c.rest)
    .select_from(
        _message.join(_body, (_body.c.account == _message.c.account) & (_body.c.message == _message.c.message))
    )
    .where(_message.c.account == bindparam("account"), _message.c.message.op("")(literal_column(in_list("messages"))))
    .order_by(_message.c.message)
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
        return [normalize(value) for value in header.values(self._block, name)]


def load(tx: Transaction, messages: Sequence[int], blobs: Blobs) -> Iterator[tuple[int, Content]]:
    """The messages by their keys, ascending; purged ones are left out."""
    bindings = {"account": tx.account, "messages": msgspec.json.encode(messages).decode()}
    for message, size, part, digest, block, rest in tx.cursor.execute(_EACH, bindings):
        yield message, Content(block, part, StoredBody(block, rest, digest, size, blobs))
