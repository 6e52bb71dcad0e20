"""A signer's public key as the DNS shows it, and what it says of a signature.  RFC 6376 3.6, RFC 8301, RFC 8463"""

import binascii
from collections.abc import Callable

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.trust import tags

LEAST_BITS, MOST_BITS = 1024, 4096
_MOST_RECORDS = 4


class Unusable(Exception):
    """Why a key or a signature cannot be checked; `result` as RFC 8601 2.7.1 names it."""

    def __init__(self, result: str, reason: str) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason


class PublicKey(msgspec.Struct, frozen=True):
    """`accepts(signature, octets)` is the verification."""

    kind: str  # "rsa", "ed25519"
    accepts: Callable[[bytes, bytes], bool]
    testing: bool = False  # t=y
    strict: bool = False  # t=s: i= must not name a subdomain


def fetch(domain: str, selector: str, resolver: Resolver) -> PublicKey:
    """The key below `selector._domainkey.domain`. Raises Unusable."""
    try:
        texts = resolver.txt(f"{selector}._domainkey.{domain}")
    except Fault as fault:
        if fault.kind is Kind.NOT_FOUND:
            raise Unusable("permerror", "no key") from None
        raise Unusable("temperror", "the DNS gave no answer for the key") from None
    failure = Unusable("permerror", "no key")
    for text in texts[:_MOST_RECORDS]:
        try:
            return read(text)
        except Unusable as unusable:
            failure = unusable
    raise failure


def read(text: bytes) -> PublicKey:
    """One key record. Raises Unusable."""
    try:
        found = tags.parse(text)
    except tags.BadTags as bad:
        raise Unusable("permerror", f"bad key record: {bad}") from None
    if "v" in found and (next(iter(found)) != "v" or found["v"] != "DKIM1"):
        raise Unusable("permerror", "not a DKIM1 key record")
    if "h" in found and "sha256" not in tags.listed(found["h"]):
        raise Unusable("permerror", "the key is not for sha256")
    if not {"*", "email"} & set(tags.listed(found.get("s", "*"))):
        raise Unusable("permerror", "the key is not for mail")
    if "p" not in found:
        raise Unusable("permerror", "a key record without key")
    octets = base64(found["p"], "the key")
    if not octets:
        raise Unusable("fail", "the key was revoked")
    flags = tags.listed(found.get("t", ""))
    kind = found.get("k", "rsa").lower()
    return PublicKey(kind, _verifier(kind, octets), "y" in flags, "s" in flags)


def _verifier(kind: str, octets: bytes) -> Callable[[bytes, bytes], bool]:
    if kind not in ("rsa", "ed25519"):
        raise Unusable("permerror", "a key of unknown kind")
    try:
        if kind == "ed25519":
            return _checked(Ed25519PublicKey.from_public_bytes(octets).verify)
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise Unusable("permerror", "the key cannot be read") from None
    if not isinstance(key, RSAPublicKey):
        raise Unusable("permerror", "the key is not of the kind it says")
    if not LEAST_BITS <= key.key_size <= MOST_BITS:  # RFC 8301 3.2
        raise Unusable("policy", f"a key of {key.key_size} bits")
    return _checked(lambda signature, octets: key.verify(signature, octets, PKCS1v15(), SHA256()))


def _checked(verify: Callable[[bytes, bytes], None]) -> Callable[[bytes, bytes], bool]:
    def accepts(signature: bytes, octets: bytes) -> bool:
        try:
            verify(signature, octets)
        except InvalidSignature:
            return False
        return True

    return accepts


def base64(text: str, what: str) -> bytes:
    """With white space anywhere. Raises Unusable."""
    try:
        return binascii.a2b_base64(tags.squeezed(text), strict_mode=True) if text else b""
    except (ValueError, UnicodeError):
        raise Unusable("permerror", f"{what} is not base64") from None
