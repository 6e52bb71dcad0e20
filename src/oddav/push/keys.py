"""The key that push services know this site by, made when it is first needed.  RFC 8292 2"""

import base64
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid02

from odcore import clock, disk

_LIFE = 12 * 3600
"""Seconds: RFC 8292 2 allows a day, by the service's clock."""


class Keys:
    """Of one node. Devices bind their subscriptions to it: without the old file all of them have to be made anew."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def public(self) -> str:
        """As `vapid-public-key` tells it."""
        octets = self._signer.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

    def authorization(self, audience: str, contact: str) -> str:
        """The header's value for one service; `contact` is a URI at which its people reach ours."""
        claims = {"aud": audience, "exp": clock.timestamp() + _LIFE, "sub": contact}
        return str(self._signer.sign(claims)["Authorization"])

    @cached_property
    def _signer(self) -> Vapid02:
        if not self._path.exists():
            made = ec.generate_private_key(ec.SECP256R1())
            disk.make_once(self._path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        key = serialization.load_pem_private_key(self._path.read_bytes(), None)
        return Vapid02(key, {"no-strict": True})  # whose check of addresses takes no domain without a dot
