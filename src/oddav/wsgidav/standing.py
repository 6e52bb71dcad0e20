"""Long transfers look again whether they are still allowed: a handover, or the end of a share, ends them as well."""

from collections.abc import Callable
from typing import BinaryIO

import structlog

from odcore import clock
from odcore.errors import Fault, Kind

log = structlog.get_logger()

_OFTEN = 2.0  # seconds


class Standing:
    """`look` raises a Fault once access has ended."""

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._due = clock.monotonic() + _OFTEN

    def check(self) -> None:
        """For each piece, and at the end. P15: while the directory is away what has begun goes on."""
        if clock.monotonic() < self._due:
            return
        self._due = clock.monotonic() + _OFTEN
        try:
            self._look()
        except Fault as fault:
            if fault.kind is not Kind.TRY_LATER:
                raise


class Watched:
    """A file that is read out piece by piece, and ends with the access to it: its reader gets less than was told."""

    def __init__(self, file: BinaryIO, standing: Standing) -> None:
        self._file = file
        self._standing = standing
        self.seek, self.close = file.seek, file.close

    def read(self, size: int = -1) -> bytes:
        try:
            self._standing.check()
        except Fault as fault:
            log.info("access-ended", reason=fault.text)
            return b""
        return self._file.read(size)
