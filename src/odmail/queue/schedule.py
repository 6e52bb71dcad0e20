"""When to try again: minutes at first, hours later, for days.  RFC 5321 4.5.4.1"""

from odcore import ids

_DELAYS = (120, 300, 600, 1200, 2400, 3600, 7200, 10800)
"""Seconds after the first, second, ... failed attempt; the last one repeats."""

_SPREAD = 0.2
"""Retries of many messages drift apart by this share, so that a peer that comes back is not trampled."""


def next_attempt(attempts: int, instant: int) -> int:
    """When to try again a recipient that failed for the `attempts`-th time at `instant`."""
    delay = _DELAYS[min(max(attempts, 1), len(_DELAYS)) - 1]
    return instant + max(1, round(delay * ids.jitter(_SPREAD)))


def is_over(accepted: int, instant: int, lifetime: float) -> bool:
    """Has the message been tried for long enough?"""
    return instant - accepted >= lifetime


def is_late(accepted: int, instant: int, notice: float) -> bool:
    """Has the message been waiting so long that its sender should know?"""
    return 0 < notice <= instant - accepted
