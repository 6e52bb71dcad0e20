"""Where the counters of a node lie: in memory.

Each process maps its files (`odcore.metrics`); on a disk without room the kernel kills whoever writes to a part of
such a file that has no block yet.
"""

import os
import shutil
import tempfile
from pathlib import Path

from odcore import disk

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder below it is made by mkdtemp, for its owner only


def make_folder(path: Path) -> Path:
    """An empty folder for this run; `path` leads to it. What the last run left is removed, however it ended."""
    remove(path)
    disk.make_folder(path.parent)
    if not os.access(_MEMORY, os.W_OK):
        disk.make_folder(path)
        return path
    made = Path(tempfile.mkdtemp(prefix="odmail-", dir=_MEMORY))
    path.symlink_to(made)
    return made


def remove(path: Path) -> None:
    """With all that is in it."""
    if path.is_symlink():
        shutil.rmtree(path.readlink(), ignore_errors=True)
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
