"""DKIM signatures with the keys of our domains, rsa-sha256 and ed25519-sha256 side by side.  RFC 6376, RFC 8463

A13: no l= tag; fields that must not be added afterwards are oversigned; "relaxed" for the header and "simple" for the
body. Both signatures share one look at the message.
"""

import base64
import hashlib
import textwrap
from collections.abc import Callable
from functools import lru_cache

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
_LONGEST_LINE = 65536
"""What the gates let through, line end included; a longer one is nothing to sign."""

_WIDTH = 72
"""Letters of a line of what is long."""


class Signer:
    """Signs what leaves the house."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def signs_for(self, domain: str) -> bool:
        """Is there a key?"""
        return bool(self._keys.signing(domain))

    def sign(self, domain: str, message: bytes) -> bytes:
        """The DKIM-Signature fields to put in front, b"" when there is no key or nothing that can be signed."""
        keys = self._keys.signing(domain)
        if not keys or _longest_line(message) > _LONGEST_LINE:
            return b""
        block, _, _ = message.partition(b"\r\n\r\n")
        signed = Signed.from_message(block + b"\r\n", memoryview(message)[len(block) + 4 :])
        names = _names_to_sign(signed)
        fields = signed.chosen(names, relaxed=True)
        covered = f"h={_listed(names)};\r\n bh={_base64(signed.body_digest(relaxed=False))}"
        return b"".join(_sign(key, fields, covered) for key in keys)


def _sign(key: Key, fields: bytes, covered: str) -> bytes:
    """The signature covers its own field, but for the value of b=, which stands at its end (RFC 6376 3.7)."""
    about = f"v=1; a={key.algorithm}; c=relaxed/simple;\r\n d={key.domain}; s={key.selector}; t={clock.timestamp()}"
    field = f"DKIM-Signature: {about};\r\n {covered};\r\n b=".encode()
    made = _signing(key)(fields + canonical.field(field, relaxed=True))
    value = _base64(made)
    lines = (value[start : start + _WIDTH] for start in range(0, len(value), _WIDTH))
    return field + "\r\n ".join(lines).encode() + b"\r\n"


@lru_cache(256)
def _listed(names: tuple[bytes, ...]) -> str:
    """Folded between names only (RFC 6376 3.5)."""
    text = " : ".join(name.decode() for name in names)
    return textwrap.fill(text, _WIDTH, break_on_hyphens=False).replace("\n", "\r\n ")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _signing(key: Key) -> Callable[[bytes], bytes]:
    private = _private(key.secret)
    if isinstance(private, Ed25519PrivateKey):
        return lambda signed: private.sign(hashlib.sha256(signed).digest())  # RFC 8463 3
    return lambda signed: private.sign(signed, PKCS1v15(), SHA256())


@lru_cache(64)
def _private(secret: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    """Kept: to read and check a key takes longer than to sign with it."""
    private = load_pem_private_key(secret, None)
    assert isinstance(private, RSAPrivateKey | Ed25519PrivateKey)  # `dkim_keys` says so
    return private


def _names_to_sign(message: Signed) -> tuple[bytes, ...]:
    """Each instance that is there, and one more of those that nobody may add (RFC 6376 8.15)."""
    return (*(name for name, _ in message.fields if name in _SIGNED), *_OVERSIGNED)


def _longest_line(message: bytes) -> int:
    return max(map(len, message.splitlines(keepends=True)), default=0)
