"""The outside world of a demonstration: a gate that takes every message and keeps it as a file to read."""

import os
from pathlib import Path

import msgspec

from odcore import clock, disk, ids
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odmail.delivery.ports import Delivered
from odmail.queue.model import Envelope, Origin


class Letter:
    """A message on its way into `<name>.eml`, its envelope beside it in `<name>.json`."""

    def __init__(self, folder: Path, envelope: Envelope, most: int) -> None:
        self._name = f"{clock.now():%Y%m%dT%H%M%S}-{ids.readable(6)}"
        self._folder = folder
        self._envelope = envelope
        self._room = most
        self._file = open(folder / f".{self._name}.part", "xb")  # noqa: SIM115 - closed by finish or discard

    def write(self, data: bytes) -> None:
        """Add octets; beyond the largest size they are only counted."""
        self._room -= len(data)
        if self._room >= 0:
            self._file.write(data)

    def finish(self) -> Delivered:
        """Durable when it returns."""
        if self._room < 0:
            raise Fault(Kind.TOO_BIG, "Too big for the outside.")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        envelope = msgspec.json.format(msgspec.json.encode(self._envelope), indent=2)
        (self._folder / f"{self._name}.json").write_bytes(envelope + b"\n")
        os.rename(self._file.name, self._folder / f"{self._name}.eml")
        disk.sync_folder(self._folder)
        return Delivered(self._name, (None,) * len(self._envelope.recipients))

    def discard(self) -> None:
        """The transaction was given up."""
        self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


class Outside:
    """`odmail.delivery.ports.Gate` without a rule."""

    max_size = 100 << 20
    max_recipients = 1000

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sender(self, address: str, principal: Principal | None) -> None:
        """Anybody."""

    def knows(self, address: str) -> bool:
        """Whoever is asked about is decided anew."""
        return False

    def recipient(self, address: str, principal: Principal | None) -> None:
        """To anybody, except that `nobody@` anywhere does not exist and `later@` is never ready, for trying bounces."""
        local = address.partition("@")[0].lower()
        if local == "nobody":
            raise Fault(Kind.NOT_FOUND, "No such person in the outside world.")
        if local == "later":
            raise Fault(Kind.TRY_LATER, "The outside world is not ready for this person.")

    def soon(self, origin: Origin) -> None:
        """A file for each takes its time."""
        return

    def receive(self, envelope: Envelope, origin: Origin, principal: Principal | None) -> Letter:
        """Begin a file."""
        return Letter(self._folder, envelope, self.max_size)
