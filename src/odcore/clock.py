"""The only place that reads the clock, so that a test can own time."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def timestamp() -> int:
    """Whole seconds since the epoch."""
    return int(time.time())


def monotonic() -> float:
    """Seconds on a clock that never jumps; only differences mean anything."""
    return time.monotonic()


def processor() -> float:
    """Seconds of processor time the current thread has used; only differences mean anything."""
    return time.thread_time()
