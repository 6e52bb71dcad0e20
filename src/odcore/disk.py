"""Files and folders that survive a power cut: private modes, and fsync of whatever names them."""

import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable; a file's own fsync does not do that."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """The folder with all its parents, private and durable; no work when it is there."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)
