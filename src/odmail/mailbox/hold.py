"""An account's maildrop held by one POP3 session alone, in whatever process it is.  RFC 1939 4

The lock is the kernel's, on a file in the account's folder: it ends with the process that has it, however that ends.
"""

import fcntl
import os
from pathlib import Path

from odcore.errors import Fault, Kind


class FileHold:
    """Held from the moment it is made. Fault IN_USE when somebody else has it."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / "maildrop.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise Fault(Kind.IN_USE, "The maildrop is in use by another session") from error

    def release(self) -> None:
        """Others may have it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
