"""What a process does again and again, however often it is restarted."""

from collections.abc import Callable, Coroutine
from typing import Any

from odcore import clock
from odmail.reports.tally import SECONDS, Tally
from odsuite.build import Parts
from odsuite.process import Process

_MINUTE, _HOUR = 60.0, 3600.0


def hourly(process: Process, duty: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """For the first time after a minute: a process that never lives for an hour does its duty, too."""
    due = 0.0

    def look() -> None:
        nonlocal due
        if clock.monotonic() >= due:
            due = clock.monotonic() + _HOUR
            process.spawn(duty())

    process.every(_MINUTE, look)


def flush_tally(process: Process, parts: Parts) -> None:
    """What was counted for reports is written when nothing more comes, too."""
    tally = parts.tally
    if tally is not None:
        process.every(SECONDS, lambda: process.spawn(_flush(process, tally)))


async def _flush(process: Process, tally: Tally) -> None:
    await process.hop.call(tally.flush)
