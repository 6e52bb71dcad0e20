"""How much work one message's attachments may make. Whoever wants more is a bomb."""

MOST_DEPTH = 6
MOST_ENTRIES = 10_000
MOST_OCTETS = 64 << 20
MOST_RATIO = 200
"""Unpacked to packed, once `SMALL` octets have come out of one file."""
SMALL = 4 << 20


class Bomb(Exception):
    """More than anybody's honest attachment."""


class Damaged(Exception):
    """It cannot be read as what it seems to be."""


class Budget:
    """For one message."""

    __slots__ = ("_entries", "_octets")

    def __init__(self) -> None:
        self._entries = MOST_ENTRIES
        self._octets = MOST_OCTETS

    def entry(self) -> None:
        """One more name."""
        self._entries -= 1
        if self._entries < 0:
            raise Bomb("too many files")

    def unpacked(self, octets: int, packed: int, total: int) -> None:
        """`octets` more; `total` came out of `packed` so far."""
        self._octets -= octets
        if self._octets < 0:
            raise Bomb("too many octets")
        self.announced(total, packed)

    def announced(self, octets: int, packed: int) -> None:
        """What one file says it unpacks to, even if we need not unpack it: the reader's program will."""
        if octets > SMALL and octets > MOST_RATIO * max(packed, 1):
            raise Bomb("packed too densely")
