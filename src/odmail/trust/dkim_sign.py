"""DKIM signatures with the keys of our domains, rsa-sha256 and ed25519-sha256 side by side.  RFC 6376, RFC 8463

A13: no l= tag; fields that must not be added afterwards are oversigned; "relaxed" for the header and "simple" for the
body, so that no expression whose time grows with the square of a line ever sees what people wrote.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from textwrap import wrap
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from odcore import clock
from odmail.trust import canonical
from odmail.trust.dkim_keys import Key, Keys
from odmail.trust.dkim_verify import Signed

_OVERSIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"reply-to"
)  # fmt: skip
_SIGNED = (
    *_OVERSIGNED, b"sender", b"in-reply-to", b"references", b"content-transfer-encoding",
    b"list-id", b"list-post", b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
_WIDTH = 75
_LONGEST_LINE = 65536
"""What the gates let through, line end included; a longer one is nothing to sign."""


class Signer:
    """Signs what leaves the house."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._lock = Lock()  # signing is one processor's work, and holds the message in memory

    def signs_for(self, domain: str) -> bool:
        """Is there a key?"""
        return bool(self._keys.signing(domain))

    def sign(self, domain: str, message: bytes) -> bytes:
        """The DKIM-Signature fields to put in front, b"" when there is no key or nothing that can be signed."""
        keys = self._keys.signing(domain)
        if not keys or _longest_line(message) > _LONGEST_LINE:
            return b""
        end = message.find(b"\r\n\r\n")
        fields = message if end < 0 else message[: end + 2]
        signed = Signed.from_message(fields, memoryview(message)[len(fields) + 2 :])
        with self._lock:
            return b"".join(_sign(key, signed) for key in keys)


def _sign(key: Key, message: Signed) -> bytes:
    names = _names_to_sign(message)
    body = base64.b64encode(message.body_digest(relaxed=False)).decode()
    lines = (
        f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/simple; d={key.domain};",
        f" s={key.selector}; t={clock.timestamp()};",
        *_folded("h=" + " : ".join(name.decode() for name in names) + ";"),
        f" bh={body};",
        " b=",
    )
    field = "\r\n".join(lines).encode()
    octets = message.chosen(names, relaxed=True) + canonical.field(field, relaxed=True)
    value = base64.b64encode(_signature(key, octets)).decode()
    return field + "\r\n".join(_folded(value)).lstrip().encode() + b"\r\n"


def _signature(key: Key, octets: bytes) -> bytes:
    """Ed25519 signs the hash (RFC 8463 3)."""
    private = _private(key.secret)
    if isinstance(private, RSAPrivateKey):
        return private.sign(octets, PKCS1v15(), SHA256())
    return private.sign(hashlib.sha256(octets).digest())


@lru_cache(64)
def _private(secret: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    """Kept: to read and check an RSA key takes longer than to sign with it."""
    private = load_pem_private_key(secret, None)
    assert isinstance(private, RSAPrivateKey | Ed25519PrivateKey)  # `dkim_keys` reads no others
    return private


def _folded(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=" ", subsequent_indent=" ", break_on_hyphens=False)


def _names_to_sign(message: Signed) -> Sequence[bytes]:
    """Each instance that is there, and one more of those that nobody may add (RFC 6376 8.15)."""
    return [name for name, _ in message.fields if name in _SIGNED] + list(_OVERSIGNED)


def _longest_line(message: bytes) -> int:
    return max(map(len, message.splitlines(keepends=True)), default=0)
