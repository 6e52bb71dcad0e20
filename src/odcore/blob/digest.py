"""The name of a blob: BLAKE2b-256 of its octets, in hexadecimal.  RFC 7693"""

from hashlib import blake2b
from typing import BinaryIO

Hash = blake2b

_PIECE = 1 << 20


def new_hash() -> blake2b:
    """A hash to feed octets to."""
    return blake2b(digest_size=32)


def digest_of(octets: bytes | memoryview) -> str:
    """The name of these octets."""
    return blake2b(octets, digest_size=32).hexdigest()


def digest_of_file(file: BinaryIO) -> str:
    """The name of all octets that follow in `file`, read in bounded pieces."""
    running = new_hash()
    while piece := file.read(_PIECE):
        running.update(piece)
    return running.hexdigest()
