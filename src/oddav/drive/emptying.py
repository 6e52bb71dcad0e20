"""Much of what is kept goes for good, step by step: others have their turn between, and whoever waits sees it go."""

from collections.abc import Iterator, Sequence

from oddav.drive.store.drive import Drive
from oddav.drive.store.model import Kept

_AT_ONCE = 50


def forgetting(drive: Drive, kept: Sequence[Kept]) -> Iterator[int]:
    """After each step: how many are gone. Whoever stops asking stops it."""
    for start in range(0, len(kept), _AT_ONCE):
        some = kept[start : start + _AT_ONCE]
        drive.forget([each.id for each in some])
        yield start + len(some)
