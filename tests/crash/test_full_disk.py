"""The disk is full, really: mail is refused for now, what is there can be read, and work goes on by itself.  P17, F6"""

import contextlib
import imaplib
import json
import os
import smtplib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from odtest.daemon import Daemon, until
from odtest.disk import Disk, can_mount
from odtest.files import ask
from odtest.streams import SASMITA, calendar, text, uploaded

pytestmark = pytest.mark.skipif(not can_mount(), reason="only root can make a file system, where loop devices are")

BIBHUTI = "bibhuti.das@odisha.example"
MUCH = (b"x" * 70 + b"\r\n") * 5000
ICS = "text/calendar"
TAKEN = {"mail": 250, "append": "OK", "file": 201, "event": 201}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path, 2000)
    yield made
    made.unmount()


@pytest.fixture
def house(disk: Disk) -> Iterator[Daemon]:
    daemon = Daemon(disk.path, **{"smtp.least_free": "1 KiB"})
    try:
        daemon.start()
        yield daemon
    finally:
        if daemon.process is not None:
            daemon.stop()


class Filler:
    """A file that takes all the room there is."""

    def __init__(self, disk: Disk) -> None:
        self._path = disk.path / "filler"
        self._disk = disk

    def fill(self) -> None:
        with open(self._path, "wb", buffering=0) as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, self._disk.free() - (1 << 20))
            file.seek(0, os.SEEK_END)
            while True:
                file.write(b"\0" * (1 << 12))

    def make_room(self) -> None:
        self._path.unlink()


def given(house: Daemon, name: str) -> dict[str, object]:
    """What each way of putting something there is told."""
    client = house.imap(SASMITA)
    appended, _ = client.append("Sent", None, None, text(f"<{name}@append>") + MUCH)
    client.logout()
    return {
        "mail": mail(house, name),
        "append": appended,
        "file": ask(house, "PUT", f"/drive/{name}", MUCH).status,
        "event": ask(house, "PUT", f"{calendar(house)}/{name}.ics", uploaded(f"{name}.ics"), Content_Type=ICS).status,
    }


def mail(house: Daemon, name: str) -> int:
    """Whichever command it is that is answered otherwise than by success."""
    try:
        with house.mx() as client:
            client.sendmail("friend@elsewhere.example", [BIBHUTI], text(f"<{name}@mail>") + MUCH)
    except smtplib.SMTPRecipientsRefused as refused:
        return next(iter(refused.recipients.values()))[0]
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code
    return 250


@pytest.mark.timeout(180)
def test_a_full_disk_refuses_for_now_and_loses_nothing(house: Daemon, disk: Disk):
    assert given(house, "before") == TAKEN
    house.awaited(BIBHUTI, "<before@mail>")
    filler = Filler(disk)
    filler.fill()
    assert given(house, "full") == {"mail": 452, "append": "NO", "file": 507, "event": 507}
    assert house.awaited(BIBHUTI, "<before@mail>").endswith(MUCH)
    assert ask(house, "GET", "/drive/before").octets == MUCH
    with pytest.raises(imaplib.IMAP4.error):
        house.imap(BIBHUTI, "wrong while the disk is full")
    until(lambda: _is_silent(house), "the log has no room left either")
    filler.make_room()
    tries = count()
    # Each process looks how much is free by itself, from time to time.
    until(lambda: all(given(house, f"after{next(tries)}") == TAKEN for _ in range(4)), "all is taken in again")
    house.awaited(BIBHUTI, f"<after{next(tries) - 1}@mail>")
    for name in ("full@mail", "full@append"):
        client = house.imap(BIBHUTI if name.endswith("mail") else SASMITA)
        client.select("INBOX" if name.endswith("mail") else "Sent")
        assert client.uid("SEARCH", None, "HEADER", "Message-ID", f"<{name}>")[1] == [b""]
        client.logout()
    until(lambda: _refusals(house), "the audit trail has what happened meanwhile")
    assert "accounts keep every invariant" in house.odmail("doctor", "--octets")
    assert '"event":"log_lines_lost"' in (house.folder / "log").read_text()


def _is_silent(house: Daemon) -> bool:
    """Does the log not grow any more, whatever happens?"""
    log = house.folder / "log"
    before = log.stat().st_size
    house.imap(BIBHUTI).logout()
    return log.stat().st_size == before


def _refusals(house: Daemon) -> list[object]:
    listed = json.loads(house.odmail("audit", "list", "--event", "sign-in", "--json"))
    return [each for each in listed if each["facts"]["outcome"] != "ok"]
