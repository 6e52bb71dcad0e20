"""How long sealed tenures are kept, and the deed that ends one.

Nothing ends by itself: when the time of the site's policy is over, the trail and a mail to the agency say so once, and
somebody with an order destroys the tenure. Its manifest stays, which lists no contents, and beside it `ID.destroyed`
tells when, by whom, and by which order.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from odcore import clock, disk
from odcore.audit.api import Recorder
from odcore.errors import Fault, Kind
from odmail.tenure.model import Destroyed, Sealed

log = structlog.get_logger()


class Retention:
    """Of the tenures below one folder."""

    def __init__(self, folder: Path, record: Recorder, keep: float) -> None:
        """`keep`: seconds from the end of a charge on; 0 for good."""
        self._folder = folder
        self._record = record
        self._keep = timedelta(seconds=keep)

    def until(self, sealed: Sealed) -> datetime | None:
        """When its time is over; None for never."""
        return sealed.tenure.end + self._keep if self._keep else None

    def destroyed(self, key: str) -> Destroyed | None:
        """The deed, if there was one."""
        path = self._deed(key)
        return msgspec.json.decode(path.read_bytes(), type=Destroyed) if path.exists() else None

    def refuse_destroyed(self, key: str) -> None:
        """Fault NOT_FOUND says when and by which order it was destroyed."""
        if deed := self.destroyed(key):
            raise Fault(Kind.NOT_FOUND, f"This tenure was destroyed on {deed.at:%d-%m-%Y} by order {deed.order}.")

    def over(self) -> Iterator[Sealed]:
        """Tenures whose time is over, until that is noted."""
        for path in sorted((self._folder / "seals").glob("*.jsonl")) if self._keep else ():
            if self._told(path.stem).exists() or self._deed(path.stem).exists():
                continue
            with disk.faults(), open(path, "rb") as file:
                sealed = msgspec.json.decode(file.readline(), type=Sealed)
            if sealed.tenure.end + self._keep <= clock.now():
                yield sealed

    def note_over(self, sealed: Sealed) -> None:
        """In the trail, once."""
        key = sealed.tenure.id
        self._record("tenure-over", "suite", sealed.tenure.post, tenure=key, person=sealed.tenure.person)
        with disk.faults():
            disk.write(self._told(key), b"")

    def destroy(self, sealed: Sealed, actor: str, order: str) -> None:
        """For good. The trail has it before anything goes. Faults DENIED (not over yet), NOT_FOUND (already)."""
        key, until = sealed.tenure.id, self.until(sealed)
        self.refuse_destroyed(key)
        if until is None:
            raise Fault(Kind.DENIED, "Sealed tenures are kept for good here: [tenure] keep.")
        if until > clock.now():
            raise Fault(Kind.DENIED, f"This tenure is kept until {until.astimezone():%d-%m-%Y}.")
        if not order.strip() or not order.isprintable():
            raise Fault(Kind.BAD_REQUEST, "Say by which order.")
        facts = {"tenure": key, "person": sealed.tenure.person, "order": order.strip()}
        self._record("tenure-destroyed", actor, sealed.tenure.post, **facts)
        deed = Destroyed(clock.now(), actor, order.strip())
        with disk.faults():
            disk.write(self._deed(key), msgspec.json.encode(deed))
        self._remove(key)

    def finish(self) -> None:
        """Where a deed was broken off."""
        for path in (self._folder / "seals").glob("*.destroyed"):
            self._remove(path.stem)

    def _remove(self, key: str) -> None:
        folder = self._folder / key[:2] / key
        if folder.exists():
            with disk.faults():
                shutil.rmtree(folder)
            log.info("tenure_destroyed", tenure=key)

    def _told(self, key: str) -> Path:
        return self._folder / "seals" / f"{key}.over"

    def _deed(self, key: str) -> Path:
        return self._folder / "seals" / f"{key}.destroyed"
