"""A file inside an archive."""

from collections.abc import Callable

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """`read(most)` gives its first octets, or all with -1; None where they cannot be had (encrypted, solid)."""

    name: str
    encrypted: bool = False
    read: Callable[[int], bytes] | None = None
