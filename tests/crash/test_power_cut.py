"""The power fails in the middle of work: what was acknowledged is there when it comes back.  P1, P2, P3, P5, F3

Killing a process leaves what it wrote in the kernel's hands; here that is lost too, as in a real cut: only what was
synced survives. Acknowledgements count when they were read before the cut.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from odtest.daemon import Daemon, until
from odtest.disk import Disk, can_mount
from odtest.streams import Appender, Sender, Stream, Uploader, check_mail, check_uploads

pytestmark = pytest.mark.skipif(not can_mount(), reason="only root can make a file system, where loop devices are")

CUTS = 3
STREAMS = 2  # of each kind
ENDLESS = 1_000_000


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    made = Disk(tmp_path_factory.mktemp("d"), 2000)
    yield made
    made.unmount()


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_when_the_power_fails(disk: Disk):
    chance = random.Random(20261125)
    house = Daemon(disk.path, **{"process.workers": 2})
    os.sync()  # the configuration and the certificate are the administrator's
    house.start()
    streams: list[Stream] = [Sender(house, f"smtp{number}", ENDLESS) for number in range(STREAMS)]
    streams += [Appender(house, f"append{number}", ENDLESS) for number in range(STREAMS)]
    uploader = Uploader(house, "upload", ENDLESS)
    everybody = [*streams, uploader]
    for stream in everybody:
        stream.start()
    for number in range(CUTS):
        before = [len(stream.acknowledged) for stream in everybody]
        until(lambda goal=before: _moved(everybody, goal), "mail is on its way", 60)
        time.sleep(chance.uniform(0.1, 1.0))
        held = [list(stream.acknowledged) for stream in everybody]
        disk.cut_power()
        at_cut = [len(stream.acknowledged) for stream in everybody]
        _end(house)
        after = [len(stream.acknowledged) - count for stream, count in zip(everybody, at_cut, strict=True)]
        assert max(after) <= 1, f"cut {number}: acknowledged though nothing could be written: {after}"
        for stream, acknowledged in zip(everybody, held, strict=True):
            stream.acknowledged[len(acknowledged) :] = []  # its answer may have raced with the cut
        disk.unmount()
        disk.mount()
        house.start()
    for stream in everybody:
        stream.stop()
    check_mail(house, streams)
    check_uploads(house, uploader)
    assert "BAD" not in house.odmail("doctor", "--octets")
    house.stop()


def _moved(streams: Sequence[Stream], before: list[int]) -> bool:
    return all(len(stream.acknowledged) >= count + 10 for stream, count in zip(streams, before, strict=True))


def _end(house: Daemon) -> None:
    """The machine is off: all its processes are gone, those that were just being born too."""
    assert house.process is not None
    supervisor = house.process.pid
    os.kill(supervisor, signal.SIGSTOP)  # it starts nothing any more
    until(lambda: not _killed(supervisor), "all are gone")
    house.process.kill()
    house.process.wait()


def _killed(supervisor: int) -> list[int]:
    """Of its family those who lived until now."""
    living = [pid for pid in _family(supervisor) if _state(pid) != "Z"]
    for pid in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return living


def _family(pid: int) -> list[int]:
    """Those it started, and those they started."""
    children: list[int] = []
    with contextlib.suppress(FileNotFoundError):
        children = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(each for child in children for each in _family(child))]


def _state(pid: int) -> str:
    """One letter; Z for those who have ended, and whom nobody has asked about yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
