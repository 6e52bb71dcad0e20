"""SCRAM verifiers: what is stored of a device password so that its owner can prove it without saying it.

RFC 5802 3, RFC 7677; as text in the form of RFC 5803. The secrets are random, 80 bits of them, so that the iterations
need not slow anybody down, and the verifiers of one account may share a salt: the server must send one before it knows
which device is speaking.
"""

import base64
import hashlib
import hmac

from odcore.identity.api import Verifier

ITERATIONS = 4096  # RFC 7677 4: at least
_HASH = "sha256"
_SCHEME = "SCRAM-SHA-256"


def verifier(password: bytes, salt: bytes) -> Verifier:
    """For a password that needs no preparation: ours are small letters, digits and dashes."""
    salted = hashlib.pbkdf2_hmac(_HASH, password, salt, ITERATIONS)
    client_key = mac(salted, b"Client Key")
    return Verifier(salt, ITERATIONS, hashlib.sha256(client_key).digest(), mac(salted, b"Server Key"))


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.digest(key, message, _HASH)


def proves(proof: bytes, verifier: Verifier, message: bytes) -> bool:
    """Does the client's proof over the exchange fit?  RFC 5802 3"""
    if len(proof) != len(verifier.stored_key):
        return False
    signature = mac(verifier.stored_key, message)
    client_key = bytes(one ^ other for one, other in zip(proof, signature, strict=True))
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), verifier.stored_key)


def account_salt(account: str) -> bytes:
    """The salt of all device passwords for one account; to those who do not know its id, as good as random."""
    return hashlib.sha256(b"odmail SCRAM salt\0" + account.encode()).digest()[:16]


def to_text(verifier: Verifier) -> str:
    """RFC 5803"""
    salt, stored, server = map(_encode, (verifier.salt, verifier.stored_key, verifier.server_key))
    return f"{_SCHEME}${verifier.iterations}:{salt}${stored}:{server}"


def from_text(text: str) -> Verifier | None:
    """None when it is none that we understand."""
    scheme, _, rest = text.partition("$")
    info, _, keys = rest.partition("$")
    iterations, _, salt = info.partition(":")
    stored, _, server = keys.partition(":")
    if scheme != _SCHEME or not iterations.isdecimal():
        return None
    try:
        return Verifier(*(base64.b64decode(salt, validate=True), int(iterations)), *map(_decode, (stored, server)))
    except ValueError:
        return None


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _decode(text: str) -> bytes:
    octets = base64.b64decode(text, validate=True)
    if len(octets) != hashlib.sha256().digest_size:
        raise ValueError("not a key")
    return octets
