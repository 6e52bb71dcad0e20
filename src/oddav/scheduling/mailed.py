"""What came by mail and waits for the carrier: a file each, durable before the mail counts as delivered.

Mail must not wait for calendars: a locked database or a directory that is away delays what follows, not the mail.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import structlog

from odcore import disk
from odcore.imip import Arrived
from oddav.scheduling.hint import SchedulingWork

log = structlog.get_logger()

_decode = msgspec.msgpack.Decoder(Arrived).decode


class Mailed:
    """`odcore.imip.Calendars`: a folder that all processes of a node share."""

    def __init__(self, folder: Path, publish: Callable[[msgspec.Struct], None]) -> None:
        self._folder = folder
        self._publish = publish

    def arrived(self, message: Arrived) -> None:
        """Durable when this returns. Fault LIMIT, TRY_LATER of the disk."""
        path = self._folder / f"{message.account}-{message.id}"
        with disk.faults():
            disk.make_folder(self._folder)
            descriptor = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.msgpack.encode(message))
                file.flush()
                os.fsync(file.fileno())
            path.with_suffix(".new").rename(path)
            disk.sync_folder(self._folder)
        self._publish(SchedulingWork(message.account))

    def waiting(self) -> Iterator[tuple[Path, Arrived]]:
        """The oldest first; what cannot be read is set aside."""
        if not self._folder.is_dir():
            return
        paths = [each for each in self._folder.iterdir() if each.suffix not in (".new", ".bad")]
        for path in sorted(paths, key=lambda each: each.stat().st_mtime_ns):
            try:
                yield path, _decode(path.read_bytes())
            except msgspec.DecodeError:
                log.error("mailed_unreadable", file=path.name)
                path.rename(path.with_suffix(".bad"))
