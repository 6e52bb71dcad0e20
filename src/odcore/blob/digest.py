"""The name of a blob: BLAKE3 of its octets, in hexadecimal (ADR 40).  https://github.com/BLAKE3-team/BLAKE3-specs

Blobs that came before keep their names, which are BLAKE2b-256 (RFC 7693).
"""

from hashlib import blake2b
from typing import BinaryIO

from blake3 import blake3

_PIECE = 1 << 20


def new_hash() -> blake3:
    """A hash to feed octets to."""
    return blake3()


def digest_of(octets: bytes | memoryview) -> str:
    """The name of these octets."""
    return blake3(octets).hexdigest()


def names(digest: str, octets: bytes | memoryview) -> bool:
    """Is it a name of these octets?"""
    return digest == digest_of(octets) or digest == blake2b(octets, digest_size=32).hexdigest()


def names_file(digest: str, file: BinaryIO) -> bool:
    """The same for all octets that follow in `file`, read in bounded pieces."""
    now, former = new_hash(), blake2b(digest_size=32)
    while piece := file.read(_PIECE):
        now.update(piece)
        former.update(piece)
    return digest in (now.hexdigest(), former.hexdigest())
