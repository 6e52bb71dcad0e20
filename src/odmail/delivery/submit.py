"""What a submitted message's header must be, and what it is given.  RFC 6409 8, RFC 5322 3.6, CERT VU#244112

Whoever writes on behalf of somebody stands in Sender with an address of their own: a client that does not put it there
gets it put there.
"""

import re
from email.utils import format_datetime
from typing import Protocol

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odmail.message import address, header

_IDENTITIES = (b"from", b"sender", b"resent-from", b"resent-sender")
_SINGLE = (b"from", b"sender", b"date", b"message-id", b"subject", b"reply-to", b"to", b"cc")  # RFC 5322 3.6
_MARK = b"X-Contractor"
_REPLY = re.compile(rb"\A\s*(?:(?:re|fwd?)\s*(?:\[\d{1,3}\])?:\s*){0,20}", re.IGNORECASE)
_PRIVATE = (b"bcc", b"resent-bcc", b"return-path", b"delivered-to", b"x-originating-ip", b"x-originating-client")


class Sender(Protocol):
    """Who submits a message."""

    @property
    def address(self) -> str:
        """Their own."""

    def may_send_as(self, address: str) -> bool:
        """As if it were their own."""

    def may_send_on_behalf(self, address: str) -> bool:
        """When they are named beside it."""


def revise(block: bytes, host: str, sender: Sender, mark: str = "") -> bytes:
    """The fields to send: identities checked, private ones gone, Message-ID, Date and, where needed, Sender there.

    `mark` stands in front of the subject of those who are no officials, and in a field of its own.

    Faults: DENIED for an identity that is not the sender's, BAD_REQUEST for a header open to two readings.
    """
    spans = list(header.spans(block))
    names = [name for name, _, _ in spans]
    _check_form(names)
    on_behalf = False
    for name, start, end in spans:
        if name in _IDENTITIES:
            on_behalf |= _check_identities(name, _body(block, start, end), b"sender" in names, sender)
    kept = b"".join(block[start:end] for name, start, end in spans if name not in _PRIVATE and name != _MARK.lower())
    if mark:
        kept = _marked(kept, mark.encode())
    named = f"Sender: <{sender.address}>\r\n".encode() if on_behalf and b"sender" not in names else b""
    return _missing(names, host) + named + kept


def _marked(block: bytes, mark: bytes) -> bytes:
    """Once: a reply keeps the mark it has, where people see it; one that stands behind other words counts for none."""
    field = _MARK + b": yes\r\n"
    for name, start, end in header.spans(block):
        if name == b"subject":
            value = block[start:end].partition(b":")[2]
            if _REPLY.sub(b"", header.unfold(value)).startswith(mark):
                return field + block
            return field + block[:start] + b"Subject: " + mark + b" " + value.lstrip(b" \t") + block[end:]
    return field + b"Subject: " + mark + b"\r\n" + block


def _check_form(names: list[bytes]) -> None:
    if b"" in names:
        raise Fault(Kind.BAD_REQUEST, "The header has a line that is no field.")
    if b"from" not in names:
        raise Fault(Kind.BAD_REQUEST, "The message has no From field.")
    for name in _SINGLE:
        if names.count(name) > 1:
            raise Fault(Kind.BAD_REQUEST, f"The message has more than one {name.decode().title()} field.")


def _body(block: bytes, start: int, end: int) -> bytes:
    return header.unfold(block[start:end]).partition(b":")[2].strip()


def _check_identities(name: bytes, value: bytes, has_sender: bool, sender: Sender) -> bool:
    """Whether From names somebody on whose behalf it is sent."""
    field = name.decode().title()
    found = address.parse_strict(value)
    if not found or address.mailboxes(found) != found:
        raise Fault(Kind.BAD_REQUEST, f"The {field} field is not a plain list of addresses.")
    if name == b"sender" and len(found) > 1:
        raise Fault(Kind.BAD_REQUEST, "The Sender field has more than one address.")
    if name == b"from" and len(found) > 1 and not has_sender:
        raise Fault(Kind.BAD_REQUEST, "A From field with several addresses needs a Sender field.")
    on_behalf = False
    for each in found:
        if not sender.may_send_as(each.spec):
            if name != b"from" or not sender.may_send_on_behalf(each.spec):
                raise Fault(Kind.DENIED, f"You may not send as {each.spec} ({field}).")
            on_behalf = True
    return on_behalf


def _missing(names: list[bytes], host: str) -> bytes:
    """RFC 6409 8.2, 8.3"""
    fields = ""
    if b"date" not in names:
        fields += f"Date: {format_datetime(clock.now())}\r\n"
    if b"message-id" not in names:
        fields += f"Message-ID: <{ids.uuid7()}@{host}>\r\n"
    return fields.encode()
