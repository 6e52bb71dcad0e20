"""What a batch has made so far, a line each, so that it goes on where it was killed and can be taken back."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from odcore import clock, disk
from odcore.errors import Fault, Kind


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """`account` is "" in the line written before an account is made."""

    key: str
    uid: str
    at: datetime
    account: str = ""
    undone: bool = False


class Journal:
    """The file of one batch. Later lines replace earlier ones of the same key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def opened(self) -> Iterator["Journal"]:
        """For one process at a time. Fault IN_USE."""
        disk.make_folder(self._path.parent)
        with disk.faults(), open(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab") as self._file:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Fault(Kind.IN_USE, "This sheet is being worked on already.") from None
            if self._path.read_bytes()[-1:] not in (b"", b"\n"):
                self._file.write(b"\n")  # a line that a power cut left unfinished
            yield self

    def entries(self) -> dict[str, Entry]:
        """By key."""
        found: dict[str, Entry] = {}
        for line in self._path.read_bytes().split(b"\n") if self._path.exists() else ():
            try:
                entry = msgspec.json.decode(line, type=Entry)
            except msgspec.DecodeError:
                continue
            found[entry.key] = entry
        return found

    def intend(self, key: str, uid: str) -> None:
        """Durable before the account is made: a batch that is killed knows then which account is its own."""
        self._write(Entry(key, uid, clock.now()))
        os.fsync(self._file.fileno())

    def made(self, key: str, uid: str, account: str) -> None:
        """The account is there."""
        self._write(Entry(key, uid, clock.now(), account))

    def undone(self, entry: Entry) -> None:
        """The account is gone again."""
        self._write(msgspec.structs.replace(entry, undone=True))

    def _write(self, entry: Entry) -> None:
        self._file.write(msgspec.json.encode(entry) + b"\n")
        self._file.flush()
