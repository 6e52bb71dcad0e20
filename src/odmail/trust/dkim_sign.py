"""DKIM signatures with the keys of our domains, rsa-sha256 and ed25519-sha256 side by side.  RFC 6376, RFC 8463

A13: no l= tag; fields that must not be added afterwards are oversigned; "relaxed" for the header and "simple" for the
body, so that no expression whose time grows with the square of a line ever sees what people wrote.
"""

from functools import lru_cache
from threading import Lock
from typing import Any

import dkim
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from odmail.message import header
from odmail.trust.dkim_keys import Key, Keys

log = structlog.get_logger()

_OVERSIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"reply-to"
)  # fmt: skip
_SIGNED = (
    *_OVERSIGNED, b"sender", b"in-reply-to", b"references", b"content-transfer-encoding",
    b"list-id", b"list-post", b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
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
        names = _names_to_sign(message)
        with self._lock:
            return b"".join(_sign(key, message, names) for key in keys)


def _sign(key: Key, message: bytes, names: list[bytes]) -> bytes:
    rsa = key.algorithm == _Rsa.algorithm
    made = (_Rsa if rsa else dkim.DKIM)(message, signature_algorithm=key.algorithm.encode())
    try:
        field: bytes = made.sign(
            key.selector.encode(),
            key.domain.encode(),
            key.secret,
            canonicalize=(b"relaxed", b"simple"),
            include_headers=names,
        )
    except dkim.DKIMException as error:
        log.warning("not_signed", key=repr(key), error=str(error))
        return b""
    return field


class _Rsa(dkim.DKIM):  # type: ignore[misc]
    """dkimpy reckons RSA in Python: 7 ms a message. Here OpenSSL does, through the door there is for Ed25519."""

    algorithm = "rsa-sha256"

    def sign(self, selector: bytes, domain: bytes, privkey: bytes, **more: Any) -> bytes:
        self._private = _private(privkey)
        field: bytes = super().sign(selector, domain, privkey, **more)
        return field

    def gen_header(self, *given: Any) -> bytes:
        self.signature_algorithm = b"ed25519-sha256"  # a= is written already; of both the hash is SHA-256
        value: bytes = super().gen_header(*given[:-1], _Signing(self._private))
        return value


class _Signing(msgspec.Struct, frozen=True):
    """A key as dkimpy calls those of Ed25519."""

    private: RSAPrivateKey

    def sign(self, digest: bytes) -> "_Signature":
        return _Signature(self.private.sign(digest, PKCS1v15(), Prehashed(SHA256())))


class _Signature(msgspec.Struct, frozen=True):
    signature: bytes


@lru_cache(64)
def _private(secret: bytes) -> RSAPrivateKey:
    """Kept: to read and check a key takes longer than to sign with it."""
    private = load_pem_private_key(secret, None)
    assert isinstance(private, RSAPrivateKey)  # `dkim_keys` says so
    return private


def _names_to_sign(message: bytes) -> list[bytes]:
    """Each instance that is there, and one more of those that nobody may add (RFC 6376 8.15)."""
    end = message.find(b"\r\n\r\n")
    present = [name for name, _ in header.fields(message[: end + 2]) if name in _SIGNED]
    return present + list(_OVERSIGNED)


def _longest_line(message: bytes) -> int:
    return max(map(len, message.splitlines(keepends=True)), default=0)
