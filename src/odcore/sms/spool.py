"""Messages on the disk until a gateway took them, a file each. Without a gateway they lie in the outbox, to be read."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Lock

import msgspec
import structlog

from odcore import clock, disk, ids
from odcore.errors import Fault, Kind
from odcore.sms.api import Gateway, Sms, masked

log = structlog.get_logger()

_FIRST, _LONGEST = 5.0, 600.0  # seconds between attempts
_KEPT = 1000  # in an outbox


class Spool:
    """Written by whoever has something to say; durable when `put` returns."""

    def __init__(self, folder: Path) -> None:
        self._waiting = folder / "waiting"
        self._outbox = folder / "outbox"

    def put(self, message: Sms) -> None:
        """Faults LIMIT and TRY_LATER for the disk."""
        with disk.faults():
            disk.make_folder(self._waiting)
            self._write(self._waiting, message)

    def waiting(self) -> list[Sms]:
        """The oldest first."""
        return list(_read(self._waiting))

    def outbox(self) -> list[Sms]:
        """What no gateway took because there is none, the oldest first."""
        return list(_read(self._outbox))

    def again(self, message: Sms) -> None:
        """After a failed attempt: later, and later each time."""
        wait = min(_LONGEST, _FIRST * 2.0 ** min(message.attempts, 10)) * ids.jitter(0.1)
        due = clock.now() + timedelta(seconds=wait)
        self._write(self._waiting, msgspec.structs.replace(message, attempts=message.attempts + 1, due=due))

    def keep(self, message: Sms) -> None:
        """Into the outbox."""
        disk.make_folder(self._outbox)
        self._write(self._outbox, message)
        self.drop(message)
        for old in sorted(self._outbox.glob("*.json"))[:-_KEPT]:
            old.unlink(missing_ok=True)

    def drop(self, message: Sms) -> None:
        """Sent, or nobody wants it any more."""
        (self._waiting / f"{message.id}.json").unlink(missing_ok=True)

    def clear(self) -> int:
        """Empty the outbox; how many those were."""
        found = list(self._outbox.glob("*.json"))
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _write(self, folder: Path, message: Sms) -> None:
        path = folder / f"{message.id}.json"
        fresh = path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(message))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        disk.sync_folder(folder)


class Courier:
    """Takes messages from the spool to the gateway; one process of a node does it."""

    def __init__(self, spool: Spool, gateway: Gateway | None) -> None:
        self._spool = spool
        self._gateway = gateway
        self._busy = Lock()

    def run(self) -> None:
        """Send what is due; returns at once while another thread is at it."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            now = clock.now()
            for message in self._spool.waiting():
                if message.expires <= now:
                    self._spool.drop(message)
                elif message.due is None or message.due <= now:
                    with disk.faults():
                        self._one(message)
        except Fault as fault:  # of the disk: what waits still lies there
            log.warning("sms_not_sent", reason=fault.text)
        finally:
            self._busy.release()

    def _one(self, message: Sms) -> None:
        if self._gateway is None:
            self._spool.keep(message)
            return
        try:
            self._gateway.send(message)
        except Fault as fault:
            told = {"id": message.id, "number": masked(message.number), "template": message.template}
            log.warning("sms_not_sent", reason=fault.text, attempts=message.attempts + 1, **told)
            if fault.kind is not Kind.BAD_REQUEST:
                self._spool.again(message)
                return
        self._spool.drop(message)


def _read(folder: Path) -> Iterator[Sms]:
    for path in sorted(folder.glob("*.json")):
        try:
            yield msgspec.json.decode(path.read_bytes(), type=Sms)
        except FileNotFoundError:  # sent meanwhile
            continue
        except msgspec.DecodeError:
            log.error("sms_unreadable", file=path.name)
