"""The book worker: keeps the directory book of a node that serves HTTPS or LDAP in step with the directory."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from odcore.bus.api import DirectoryChanged
from odcore.bus.thread import ThreadBus
from oddav.book.follow import Follower
from odsuite.build import Parts
from odsuite.process import ProcessReady, prepared
from odsuite.settings import Settings

_LINK = 5.0  # seconds to wait for the bus at the start


class Turn:
    """Of the roles of one node that have a book worker, one at a time has the lock, until its process ends."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._mine = False

    def __call__(self) -> bool:
        """Is it ours now?"""
        if not self._mine:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._mine = True
        return self._mine


def run(name: str, settings: Settings) -> None:
    """Until SIGTERM."""
    bus = ThreadBus(settings.bus)
    parts = Parts(settings, bus.publish)
    with contextlib.closing(parts):
        follower = Follower(parts.book_index, parts.listings, Turn(settings.root / "run" / "book.lock"))
        bus.subscribe(DirectoryChanged, lambda changed: follower.note(changed.ids))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: follower.stop())
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        bus.start(_LINK)
        bus.publish(ProcessReady(name, os.getpid()))
        follower.run()
        bus.stop()


def main(name: str, config: Path, _sockets: Sequence[tuple[str, int]]) -> None:
    """As the nursery calls it."""
    run(name, prepared(name, config))
