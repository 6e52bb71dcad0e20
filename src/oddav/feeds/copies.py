"""One copy of each subscribed calendar, for all who subscribed to it: fetched once however many they are.

A cache: what is lost of it is fetched again.
"""

from hashlib import blake2b
from pathlib import Path

import msgspec

from odcore import clock, disk
from odcore.errors import Fault
from oddav.feeds.fetch import Fetched, Web

_EVERY = 4 * 3600
_AGAIN = 600
_LATEST = 24 * 3600
_KEPT = 7 * 86400
_TIDIED = 86400
"""Seconds; what somebody still follows is written anew each day at least."""


class Copy(msgspec.Struct, frozen=True):
    """What is known since it was last looked for."""

    etag: str = ""
    modified: str = ""
    digest: str = ""  # of the octets; "" while there were none
    fetched: int = 0
    due: int = 0
    tries: int = 0  # in vain
    said: str = ""  # why


def wait(tries: int) -> int:
    """Seconds until another try."""
    return min(_AGAIN << min(tries, 10), _LATEST)


class Copies:
    """In a folder of one process."""

    def __init__(self, folder: Path, web: Web) -> None:
        self._folder = folder
        self._web = web
        self._tidied = 0

    def latest(self, url: str) -> Copy:
        """As it is; looks for it where that is due. Faults of the disk."""
        known, now = _read(self._path(url, "json")), clock.timestamp()
        if known.due > now:
            return known
        try:
            told = self._web.get(url, Fetched(None, known.etag, known.modified))
        except Fault as fault:
            found = msgspec.structs.replace(known, due=now + wait(known.tries), tries=known.tries + 1, said=fault.text)
        else:
            digest = known.digest if told.octets is None else self._keep(url, told.octets)
            found = Copy(told.etag, told.modified, digest, now, now + _EVERY)
        self._write(self._path(url, "json"), msgspec.json.encode(found))
        self._tidy(now)
        return found

    def octets(self, url: str) -> bytes:
        """Of what was found last."""
        return self._path(url, "ics").read_bytes()

    def _keep(self, url: str, octets: bytes) -> str:
        self._write(self._path(url, "ics"), octets)
        return blake2b(octets, digest_size=16).hexdigest()

    def _write(self, path: Path, octets: bytes) -> None:
        with disk.faults():
            disk.make_folder(self._folder)
            disk.write(path, octets)

    def _tidy(self, now: int) -> None:
        """Once a day, away with what nobody has looked at for long; octets live as long as what is known of them."""
        if now < self._tidied + _TIDIED:
            return
        self._tidied = now
        for path in self._folder.glob("*.json"):
            if _read(path).due < now - _KEPT:
                path.unlink(missing_ok=True)
                path.with_suffix(".ics").unlink(missing_ok=True)

    def _path(self, url: str, suffix: str) -> Path:
        return self._folder / f"{blake2b(url.encode(), digest_size=16).hexdigest()}.{suffix}"


def _read(path: Path) -> Copy:
    """Nothing is known where it cannot be read, or the octets are gone."""
    try:
        known = msgspec.json.decode(path.read_bytes(), type=Copy)
    except (FileNotFoundError, msgspec.MsgspecError):
        return Copy()
    return known if not known.digest or path.with_suffix(".ics").exists() else Copy()
