"""Secrets that must be read again lie in the database sealed: with AES-GCM, under a key beside the other keys.

Who has the database alone (a copy, a backup) has no secret; whose a secret is cannot be exchanged either.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odcore import disk
from odcore.errors import Fault, Kind

_NONCE = 12


def prepare(path: Path) -> None:
    """Make the key when there is none; the caller sees to it that nobody else does so now."""
    if not path.exists():
        disk.make_folder(path.parent)
        disk.write(path, AESGCM.generate_key(256))


def close(path: Path, owner: str, secret: bytes) -> bytes:
    """Sealed, for this person's id."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(path.read_bytes()).encrypt(nonce, secret, owner.encode())


def open_(path: Path, owner: str, sealed: bytes) -> bytes:
    """The secret. Fault TRY_LATER when the key is another one: somebody must bring back the right one."""
    try:
        return AESGCM(path.read_bytes()).decrypt(sealed[:_NONCE], sealed[_NONCE:], owner.encode())
    except (InvalidTag, OSError, ValueError) as error:
        raise Fault(Kind.TRY_LATER, f"The key in {path.name} does not open what was sealed.") from error
