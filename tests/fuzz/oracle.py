"""What must hold of every target: processor time in proportion to the octets, that of its own checks included."""

import time
from collections.abc import Callable

AT_LEAST = 0.05
PER_OCTET = 20e-6
TRIES = 3


def in_time(target: Callable[[bytes], None], data: bytes, *, slack: int = 1) -> None:
    """Run a target. A slow run counts only when it is slow again: the first may have compiled or collected something.

    `slack` is how many times as long code takes that counts its branches.
    """
    allowed = slack * (AT_LEAST + PER_OCTET * len(data))
    fastest = allowed + 1.0
    for _ in range(TRIES):
        began = time.thread_time()
        target(data)
        fastest = min(fastest, time.thread_time() - began)
        if fastest <= allowed:
            return
    raise AssertionError(f"{len(data)} octets took {fastest:.3f} s, {allowed:.3f} s are allowed")


def split(data: bytes) -> list[bytes]:
    """As a slow network brings it: octet by octet at first, then, for the sake of speed, by an odd number of them."""
    first, rest = data[:200], data[200:]
    return [first[at : at + 1] for at in range(len(first))] + [rest[at : at + 17] for at in range(0, len(rest), 17)]
