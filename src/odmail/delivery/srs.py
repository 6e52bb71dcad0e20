"""Senders of mail that is forwarded out of the house, rewritten so that SPF holds and bounces find their way back.

The Sender Rewriting Scheme (M. Weng Wong, Shevek: "The Sender Rewriting Scheme", 2004), which no RFC describes, with
the addresses that postsrsd and libsrs2 make:

    SRS0=hash=day=domain=local@ours            for local@domain
    SRS1=hash=forwarder==hash=day=...@ours     for an SRS0 address of another forwarder: it is asked, nobody in between

Only what comes from nobody may go back by such an address (`MxGate`), for three weeks, and only where the hash is ours:
that is what keeps it from being an open relay.
"""

import base64
import hmac
import re
from pathlib import Path

from odcore import clock
from odcore.directory.api import Directory
from odcore.errors import Fault, Kind
from odmail.delivery.resolve import default_domain, domain_of
from odmail.delivery.secret import Secret

_LIFE = 21  # days
_CYCLE = 1024  # days that two letters can tell apart
_DAY = 86400
_HASH = 6  # letters of base32: 30 bits
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LONGEST = 254  # RFC 5321 4.5.3.1.3, without brackets
_OURS = re.compile(r"SRS([01])[=+-]", re.IGNORECASE)
_FIRST = re.compile(r"SRS0[=+-]([A-Z2-7]+)=([A-Z2-7]{2})=([^=]+)=(.+)\Z", re.IGNORECASE)
_AGAIN = re.compile(r"SRS1[=+-]([^=]+)=([^=]+)=([=+-].+)\Z", re.IGNORECASE)


def is_rewritten(address: str) -> bool:
    """Does it look like one of these?"""
    return _OURS.match(address) is not None


class Rewriter:
    """Knows the secret."""

    def __init__(self, path: Path, directory: Directory) -> None:
        """The file is made when it is first needed."""
        self._secret = Secret(path)
        self._directory = directory

    def forward(self, sender: str, came_by: str) -> str:
        """For mail of `sender` that an address led out; unchanged for nobody, ours, and what would be too long."""
        local, _, domain = sender.rpartition("@")
        if not local or local.startswith('"') or self._directory.is_ours(domain):
            return sender
        ours = domain_of(came_by)
        if not self._directory.is_ours(ours):
            ours = default_domain(self._directory)
        made = f"{self._rewritten(local, domain)}@{ours}"
        return made if ours and len(made.encode()) <= _LONGEST else sender

    def reverse(self, address: str) -> str:
        """Whom an address of ours stands for; "" when it is none of these. Fault NOT_FOUND for a false or old one."""
        local, _, domain = address.rpartition("@")
        if not is_rewritten(local) or not self._directory.is_ours(domain):
            return ""
        found = self._first(local) or self._again(local)
        if not found:
            raise Fault(Kind.NOT_FOUND, "No such user here.")
        return found

    def _rewritten(self, local: str, domain: str) -> str:
        again = _AGAIN.match(local)
        if again:
            return f"SRS1={self._hash(again[2], again[3])}={again[2]}={again[3]}"
        if is_rewritten(local) and local[3] == "0":
            return f"SRS1={self._hash(domain, local[4:])}={domain}={local[4:]}"
        day = _day(clock.timestamp() // _DAY)
        return f"SRS0={self._hash(day, domain, local)}={day}={domain}={local}"

    def _first(self, local: str) -> str:
        found = _FIRST.match(local)
        if not found or not self._holds(found[1], found[2], found[3], found[4]):
            return ""
        day = _LETTERS.index(found[2][0].upper()) * 32 + _LETTERS.index(found[2][1].upper())
        age = (clock.timestamp() // _DAY - day) % _CYCLE
        return f"{found[4]}@{found[3]}" if age <= _LIFE else ""

    def _again(self, local: str) -> str:
        found = _AGAIN.match(local)
        return f"SRS0{found[3]}@{found[2]}" if found and self._holds(found[1], found[2], found[3]) else ""

    def _hash(self, *parts: str) -> str:
        return _hashed(self._secret.digest(_told(parts)))

    def _holds(self, given: str, *parts: str) -> bool:
        """In any case: some servers change it."""
        return any(hmac.compare_digest(given.upper(), _hashed(each)) for each in self._secret.digests(_told(parts)))


def _told(parts: tuple[str, ...]) -> bytes:
    return "=".join(parts).lower().encode()


def _hashed(digest: bytes) -> str:
    return base64.b32encode(digest).decode()[:_HASH]


def _day(number: int) -> str:
    high, low = divmod(number % _CYCLE, 32)
    return _LETTERS[high] + _LETTERS[low]
