"""What a transfer has done, line by line on disk, so that one that was killed goes on without duplicates.

A batch of messages enters the account in one transaction. Before it the journal says what is about to be stored and the
uid that the mailbox will give next; after it, that it was. A batch that was begun and not ended is looked for in the
mailbox: it is there in full or not at all.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from odcore import disk


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    """A batch is about to be stored."""

    folder: str
    target: str
    mailbox: str  # MAILBOXID
    uidnext: int
    keys: list[str]
    digests: list[str]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """It was."""


class Missed(msgspec.Struct, frozen=True, tag="missed"):
    """It was not: the transaction did not happen."""


_Entry = Begun | Ended | Missed
_decoder = msgspec.json.Decoder(_Entry)


class Journal:
    """One transfer's; `stored` says of a batch that was cut short whether it is in the account."""

    def __init__(self, path: Path, stored: Callable[[Begun], bool]) -> None:
        disk.make_folder(path.parent)
        self._done: dict[str, set[str]] = defaultdict(set)
        open_batch = self._read(path)
        self._file = open(path, "ab")  # noqa: SIM115 - closed by `close`
        if open_batch is not None:
            self._close_batch(open_batch, stored)

    def done(self, folder: str) -> set[str]:
        """The keys of a folder's messages that are in the account."""
        return self._done[folder]

    def begin(self, batch: Begun) -> None:
        """Durable when this returns."""
        self._write(batch)

    def end(self, batch: Begun) -> None:
        """The batch was stored."""
        self._write(Ended())
        self._done[batch.folder].update(batch.keys)

    def miss(self) -> None:
        """The batch was refused."""
        self._write(Missed())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _read(self, path: Path) -> Begun | None:
        """The batch that was begun and not ended, if there is one. A last line cut short never was."""
        batch: Begun | None = None
        lines: Sequence[bytes] = path.read_bytes().splitlines(keepends=True) if path.exists() else ()
        whole = 0
        for line in lines:
            if not line.endswith(b"\n"):
                os.truncate(path, whole)
                break
            whole += len(line)
            entry = _decoder.decode(line)
            if isinstance(entry, Begun):
                batch = entry
            else:
                if isinstance(entry, Ended) and batch is not None:
                    self._done[batch.folder].update(batch.keys)
                batch = None
        return batch

    def _close_batch(self, batch: Begun, stored: Callable[[Begun], bool]) -> None:
        if stored(batch):
            self.end(batch)
        else:
            self.miss()

    def _write(self, entry: _Entry) -> None:
        with disk.faults():
            self._file.write(msgspec.json.encode(entry) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
