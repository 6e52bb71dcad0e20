"""`scripts/bench list`: one message to a list of a thousand, from the SMTP client to the last mailbox.

The installed suite with its own directory: people and the list are entries of slapd, the message comes in by SMTP and
goes the way of all mail. A first message makes the mailboxes and is not counted.
"""

import os
import platform
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from odcore.bus.client import Publisher
from odcore.directory.ops.group import AddGroup, add_group
from odcore.directory.ops.person import AddPerson, add_person
from odsuite.build import Parts
from odtest.daemon import Daemon, running, until
from odtest.wire import Burden, Wire, deliver

REPORT = Path(__file__).resolve().parents[3] / "docs" / "bench" / "list.md"
LIST = "officers.district@odisha.example"
SIZES = {"4 KiB": 4 << 10, "1 MiB": 1 << 20, "10 MiB": 10 << 20}
_PATIENCE = 900.0


class Figures(msgspec.Struct, frozen=True):
    """Of one message."""

    seconds: float  # until the last has it
    cpu: float  # seconds of the queue worker's
    peak: int  # octets its memory grew by, at the most
    disk: int  # octets more on the disk
    bodies: int  # different files that hold the message


def people(house: Daemon, count: int) -> None:
    """So many officers, and the list of all."""
    parts = Parts(house.settings, Publisher(house.settings.bus).publish)
    try:
        admin = parts.admin("bench")
        names = [f"officer{number}" for number in range(count)]
        for name in names:
            add_person(admin, AddPerson(uid=name, family_name=name))
        add_group(admin, AddGroup(cn=LIST.partition("@")[0], name="All officers", members=tuple(names)))
    finally:
        parts.close()


def sent(house: Daemon, size: int, count: int) -> Figures:
    """One message of this size to the list."""
    before, burden = used(house), Burden(house)
    burden.forget_peaks()
    memory, cpu, seen = burden.memory("VmRSS"), burden.seconds(), delivered(house)
    letter = b"Message-ID: <%d@bench.example>\r\nSubject: order\r\n\r\n" % time.time_ns()
    letter += (b"y" * 70 + b"\r\n") * ((size - len(letter)) // 72)
    with Wire(house, "mx") as client:
        client.introduce()
        begun = time.monotonic()
        assert deliver(client, letter, to=LIST).startswith(b"250")
    until(lambda: delivered(house) >= seen + count, "all have it", _PATIENCE)
    took = time.monotonic() - begun
    spent = sum(seconds - cpu[name] for name, seconds in burden.seconds().items() if name.startswith("queue"))
    peak = max(octets - memory[name] for name, octets in burden.memory("VmHWM").items() if name.startswith("queue"))
    after = used(house)
    files = {inode for inode, octets in after.items() if inode not in before and octets > size // 2 > 64 << 10}
    return Figures(took, spent, peak, sum(after.values()) - sum(before.values()), len(files))


def delivered(house: Daemon) -> int:
    """Copies put into mailboxes so far."""
    return len(re.findall(rb'"event": ?"delivered"', (house.folder / "log").read_bytes()))


def used(house: Daemon) -> dict[int, int]:
    """Octets on the disk of each file below the data folder, by inode: what is linked counts once."""
    found = {}
    for path in house.folder.rglob("*"):
        try:
            status = path.lstat()
        except FileNotFoundError:  # gone meanwhile
            continue
        if path.name != "log":
            found[status.st_ino] = status.st_blocks * 512
    return found


@click.command()
@click.option("--members", default=1000, show_default=True)
@click.option("--write/--no-write", default=True, help="Write docs/bench/list.md.")
def main(members: int, write: bool) -> None:
    """A message of each size."""
    load = os.getloadavg()[0]  # of others
    with running() as house:
        people(house, members)
        born = sent(house, 1 << 10, members)
        print(f"mailboxes are made: {born.seconds:.0f} s", flush=True)
        figures = {name: sent(house, size, members) for name, size in SIZES.items()}
    text = report(members, load, born, figures)
    print(text)
    if write:
        REPORT.write_text(text)


def report(members: int, load: float, born: Figures, figures: dict[str, Figures]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, load {load:.1f} before"
    rows = "\n".join(
        f"| {name} | {each.seconds:.1f} s | {each.cpu:.1f} s | {max(each.peak, 0) / 2**20:.0f} MiB "
        f"| {each.disk / 2**20:.0f} MiB | {each.bodies or 'in each database'} |"
        for name, each in figures.items()
    )
    return f"""# One message to a list of {members:,}

Measured by `scripts/bench list` on {datetime.now(UTC):%Y-%m-%d}: from the SMTP client's DATA to the last of {members:,}
mailboxes, in the installed suite with its own LDAP directory. Machine: {machine}. CPU and memory are the queue
worker's, which delivers; memory is how far it grew at its peak; disk is what the whole data folder grew by.

| message | all have it after | CPU | memory | disk | bodies stored |
|---|---:|---:|---:|---:|---:|
{rows}

A body of more than 64 KiB, or of 8 KiB whose copies would take 4 MiB, is one file that the queue and all mailboxes
link. Smaller ones lie in the database of each account (ADR 1): there a copy costs less than a file would. The very
first message also makes the mailboxes:
{born.seconds:.0f} s.
"""


if __name__ == "__main__":
    main()
