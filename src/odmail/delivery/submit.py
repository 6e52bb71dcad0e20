"""What a submitted message's header must be, and what it is given.  RFC 6409 8, RFC 5322 3.6, CERT VU#244112"""

from collections.abc import Callable
from email.utils import format_datetime

from odcore import clock, ids
from odcore.errors import Fault, Kind
from odmail.message import address, header

_IDENTITIES = (b"from", b"sender", b"resent-from", b"resent-sender")
_SINGLE = (b"from", b"sender", b"date", b"message-id", b"subject", b"reply-to", b"to", b"cc")  # RFC 5322 3.6
_PRIVATE = (b"bcc", b"resent-bcc", b"return-path", b"delivered-to", b"x-originating-ip", b"x-originating-client")


def revise(block: bytes, host: str, may_send_as: Callable[[str], bool]) -> bytes:
    """The fields to send: identities checked, private ones gone, Message-ID and Date there.

    Faults: DENIED for an identity that is not the sender's, BAD_REQUEST for a header open to two readings.
    """
    spans = list(header.spans(block))
    names = [name for name, _, _ in spans]
    _check_form(names)
    for name, start, end in spans:
        if name in _IDENTITIES:
            _check_identities(name, _body(block, start, end), b"sender" in names, may_send_as)
    kept = b"".join(block[start:end] for name, start, end in spans if name not in _PRIVATE)
    return _missing(names, host) + kept


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


def _check_identities(name: bytes, value: bytes, has_sender: bool, may_send_as: Callable[[str], bool]) -> None:
    field = name.decode().title()
    found = address.parse_strict(value)
    if not found or address.mailboxes(found) != found:
        raise Fault(Kind.BAD_REQUEST, f"The {field} field is not a plain list of addresses.")
    if name == b"sender" and len(found) > 1:
        raise Fault(Kind.BAD_REQUEST, "The Sender field has more than one address.")
    if name == b"from" and len(found) > 1 and not has_sender:
        raise Fault(Kind.BAD_REQUEST, "A From field with several addresses needs a Sender field.")
    for each in found:
        if not may_send_as(each.spec):
            raise Fault(Kind.DENIED, f"You may not send as {each.spec} ({field}).")


def _missing(names: list[bytes], host: str) -> bytes:
    """RFC 6409 8.2, 8.3"""
    fields = ""
    if b"date" not in names:
        fields += f"Date: {format_datetime(clock.now())}\r\n"
    if b"message-id" not in names:
        fields += f"Message-ID: <{ids.uuid7()}@{host}>\r\n"
    return fields.encode()
