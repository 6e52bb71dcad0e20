"""Publishing from a program without a reactor, such as the command line."""

import contextlib
import socket
from pathlib import Path

import msgspec

from odcore.bus.frames import encode

_PATIENCE = 1.0  # seconds; a hint is never worth more


class Publisher:
    """Connects for each message; where no suite is running, nobody needs the hint."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, message: msgspec.Struct) -> None:
        """Send to every process of the running suite."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(str(self._path))
            connection.sendall(encode(message))
