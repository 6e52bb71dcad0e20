"""Which accounts have messages on their way: a file before the commit, so that a crash afterwards leaves a trace.

The messages themselves lie in the account's own database, written with the change they tell of; the file only says
where to look. It is made first and taken away last.
"""

import os
from pathlib import Path

from odcore import clock, disk, ids
from odcore.ids import AccountId

_SETTLED = 60
"""Seconds after which whoever made the file has committed or given up: the store waits ten at most."""


class Pending:
    """A folder that all processes of a node share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mark(self, account: AccountId) -> None:
        """Durable when this returns. Fault LIMIT, TRY_LATER of the disk."""
        with disk.faults():
            disk.make_folder(self._folder)
            path = self._folder / f"{account}.{ids.readable(8)}"
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            disk.sync_folder(self._folder)

    def accounts(self) -> dict[AccountId, list[Path]]:
        """With the marks that are old enough to be taken away once nothing waits."""
        found: dict[AccountId, list[Path]] = {}
        if not self._folder.is_dir():
            return found
        settled = clock.timestamp() - _SETTLED
        for path in sorted(self._folder.iterdir()):
            marks = found.setdefault(AccountId(path.name.partition(".")[0]), [])
            if path.stat().st_mtime < settled:
                marks.append(path)
        return found
