"""What a push says: which collection has moved on, and how far; never what is in it.  draft-bitfire-webdav-push-00 5"""

from xml.sax.saxutils import escape

import http_ece
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

_SPACE = "https://bitfire.at/webdav-push"


class Told(msgspec.Struct, frozen=True):
    """Of one collection; a `sync_token` of "" where nothing in it has changed."""

    topic: str
    sync_token: str
    properties: bool


def written(told: Told) -> bytes:
    """As the device reads it."""
    content = f"<D:sync-token>{escape(told.sync_token)}</D:sync-token>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<P:push-message xmlns:P="{_SPACE}" xmlns:D="DAV:">'
        f"<P:topic>{escape(told.topic)}</P:topic>"
        f"{f'<P:content-update>{content}</P:content-update>' if told.sync_token else ''}"
        f"{'<P:property-update/>' if told.properties else ''}</P:push-message>\n"
    ).encode()


def is_key(octets: bytes) -> bool:
    """Is it a public key that something can be encrypted for?  RFC 8291 2.1"""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), octets)
    except ValueError:
        return False
    return len(octets) == 65


def encrypted(octets: bytes, public_key: bytes, secret: bytes) -> bytes:
    """So that only the device can read it.  RFC 8291, RFC 8188"""
    once = ec.generate_private_key(ec.SECP256R1())
    made: bytes = http_ece.encrypt(octets, private_key=once, dh=public_key, auth_secret=secret, version="aes128gcm")
    return made
