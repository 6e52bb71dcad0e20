"""A disk of our own: ext4 on a loop file, whose power can be cut and which can be full. Needs root."""

import fcntl
import os
import struct
import subprocess
from pathlib import Path

from odtest.daemon import until

_SHUTDOWN = 0x8004587D
"""`FS_IOC_SHUTDOWN` of ext4: from now on nothing reaches the disk."""

_NO_LOG_FLUSH = 2
"""What lies in memory only is lost, the journal's last entries too: as when the power fails."""


def can_mount() -> bool:
    """May this process make a file system of a file? Containers often forbid it."""
    return os.geteuid() == 0 and os.path.exists("/dev/loop-control") and _loops()


def _loops() -> bool:
    done = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return done.returncode == 0


class Disk:
    """`path` is where it is mounted."""

    def __init__(self, folder: Path, mebibytes: int) -> None:
        self.path = folder / "disk"
        self._image = folder / "image"
        self.path.mkdir()
        with open(self._image, "wb") as image:
            image.truncate(mebibytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        self.mount()
        self.path.chmod(0o700)

    def mount(self) -> None:
        """The kernel replays what is in the journal."""
        _run("mount", "-o", "loop", str(self._image), str(self.path))

    def unmount(self) -> None:
        """Nobody may have a file of it open; who was killed lets go of theirs one thread after the other."""
        command = ["umount", str(self.path)]
        until(lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0, "all let go")

    def cut_power(self) -> None:
        """What was not synced is lost. Every later write fails, until it is mounted again."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def free(self) -> int:
        """Octets."""
        told = os.statvfs(self.path)
        return told.f_bavail * told.f_frsize


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
