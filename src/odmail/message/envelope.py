"""ENVELOPE, ready for the wire.  RFC 9051 7.5.2"""

from collections.abc import Mapping, Sequence

from odmail.message import address
from odmail.message.address import Address
from odmail.message.wire import NIL, filled, nstring, string

FIELDS = frozenset(b"date subject from sender reply-to to cc bcc in-reply-to message-id".split())
"""The fields an envelope is made of."""


class Addresses:
    """The parsed address fields of one header, each parsed when first asked for."""

    __slots__ = ("_fields", "_parsed")

    def __init__(self, fields: Mapping[bytes, bytes]) -> None:
        self._fields = fields
        self._parsed: dict[bytes, list[Address]] = {}

    def __getitem__(self, name: bytes) -> list[Address]:
        found = self._parsed.get(name)
        if found is None:
            value = self._fields.get(name)
            found = self._parsed[name] = address.parse(value) if value else []
        return found


def build(fields: Mapping[bytes, bytes], addresses: Addresses) -> bytes:
    """The envelope of a header's first fields."""
    author = _list(addresses[b"from"])
    return b"(%b %b %b %b %b %b %b %b %b %b)" % (
        nstring(fields.get(b"date")),
        nstring(fields.get(b"subject")),
        author,
        # RFC 9051 7.5.2: missing Sender and Reply-To are the From
        _list(addresses[b"sender"]) if addresses[b"sender"] else author,
        _list(addresses[b"reply-to"]) if addresses[b"reply-to"] else author,
        _list(addresses[b"to"]),
        _list(addresses[b"cc"]),
        _list(addresses[b"bcc"]),
        nstring(fields.get(b"in-reply-to")),
        nstring(fields.get(b"message-id")),
    )


def _list(addresses: Sequence[Address]) -> bytes:
    if not addresses:
        return NIL
    return b"(%b)" % b"".join(map(_address, addresses))


def _address(one: Address) -> bytes:
    mailbox = NIL if one.mailbox is None else string(one.mailbox)
    host = NIL if one.host is None else string(one.host)
    return b"(%b %b %b %b)" % (filled(one.name), filled(one.route), mailbox, host)
