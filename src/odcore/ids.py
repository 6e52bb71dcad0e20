"""The only place that rolls dice: tokens, unique ids, jitter."""

import random
import secrets
import time
import uuid
from typing import NewType

AccountId = NewType("AccountId", str)
"""A person's or a post's stable id: the directory entry's entryUUID, lower case."""

_READABLE = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters and digits nobody confuses when reading aloud: no l, o, 0, 1. 32 of them, 5 bits each."""


def account_number(account: AccountId) -> int:
    """The account's key in SQL: the first 63 bits of its UUID, as a signed 64-bit integer can hold."""
    return uuid.UUID(account).int >> 65


def uuid7() -> str:
    """A time-ordered UUID.  RFC 9562 5.7"""
    millis = time.time_ns() // 1_000_000
    value = (
        (millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    )
    return str(uuid.UUID(int=value))


def readable(letters: int) -> str:
    """A random word of `letters` easily read letters, 5 bits of entropy each."""
    return "".join(_READABLE[octet & 31] for octet in secrets.token_bytes(letters))


def token(size: int = 16) -> str:
    """A random URL-safe token of `size` bytes of entropy."""
    return secrets.token_urlsafe(size)


def jitter(spread: float) -> float:
    """A number in [1 - spread, 1 + spread] to multiply a delay with."""
    return 1.0 + random.uniform(-spread, spread)  # noqa: S311 - spreads retries, guards nothing
