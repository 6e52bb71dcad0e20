"""What a message's way leaves in its header: Return-Path, Received, Delivered-To.  RFC 5321 4.4, RFC 3848, RFC 9228"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from odcore import clock
from odmail.message import header
from odmail.queue.model import Envelope, Origin

MOST_HOPS = 50

_UNSAFE = re.compile(r"[^0-9A-Za-z.:_\[\]-]")
_HOP = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)


def return_path(sender: str) -> bytes:
    """The first line of every message that comes in; delivery keeps it, and nothing carries it outside."""
    return f"Return-Path: <{_line(sender)}>\r\n".encode()


def delivered_to(address: str) -> bytes:
    """For whom this copy is."""
    return f"Delivered-To: {_line(address)}\r\n".encode()


def received(envelope: Envelope, origin: Origin, host: str, id: str) -> bytes:
    """The Received field. Who submits a message does not tell the world from which address (`from` left out)."""
    words = [f"by {host} with {_protocol(envelope, origin)} id {id}"]
    if origin.service in ("mx", "lmtp"):
        words.insert(0, f"from {_client(origin)}")
    if origin.tls:
        words.append(f"({_comment(origin.tls)})")
    if origin.service != "submission" and len(envelope.recipients) == 1:
        words.append(f"for <{_line(envelope.recipients[0].address)}>")  # never more than one: the others may be blind
    return ("Received: " + "\r\n\t".join(words) + f"; {_date(clock.timestamp())}\r\n").encode()


def hops(block: bytes) -> int:
    """How many servers a message has passed."""
    return sum(1 for _ in _HOP.finditer(block))


def has_passed(block: bytes, address: str) -> bool:
    """Has a message been delivered to `address` before: is it going around in a circle?"""
    wanted = address.lower().encode()
    return any(name == b"delivered-to" and value.lower() == wanted for name, value in header.fields(block))


@lru_cache(2)
def _date(instant: int) -> str:
    """In a crowd many come in one second."""
    return format_datetime(datetime.fromtimestamp(instant, UTC))


def _protocol(envelope: Envelope, origin: Origin) -> str:
    # RFC 3848, RFC 6531 4.3
    base = "LMTP" if origin.service == "lmtp" else "SMTP"
    utf8 = "UTF8" if envelope.smtputf8 else ("" if base == "LMTP" else "E")
    return f"{utf8}{base}{'S' if origin.tls else ''}{'A' if origin.person else ''}"


def _client(origin: Origin) -> str:
    helo = _UNSAFE.sub("?", origin.helo)[:255] or "unknown"
    address = f"IPv6:{origin.address}" if ":" in origin.address else origin.address
    return f"{helo} ([{_UNSAFE.sub('?', address)}])" if address else helo


def _comment(text: str) -> str:
    return re.sub(r"[^ !#-'*-\[\]-~]", "?", text)[:200]


def _line(address: str) -> str:
    """An address that stays on one line, whatever it is."""
    return address if address.isprintable() else "".join(each if each.isprintable() else "?" for each in address)
