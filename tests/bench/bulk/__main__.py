"""`scripts/bench bulk`: sheets of 400 and 10,000 nasty rows, judged, made, and judged again when all are there.

A slapd of the suite's own, with durable writes, and the use cases that page and command line call, in this process.
"""

import os
import platform
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click
import msgspec

from bench.bulk.sheet import nasty
from odcore.directory.bulk.apply import apply
from odcore.directory.bulk.check import check, read
from odcore.directory.bulk.journal import Journal
from odtest.department import populate
from odtest.slapd import House, running

REPORT = Path(__file__).resolve().parents[3] / "docs" / "bench" / "bulk.md"
T = TypeVar("T")
_ZONE = ZoneInfo("Asia/Kolkata")


class Figure(msgspec.Struct, frozen=True):
    """Of one step."""

    rows: int
    what: str
    limit: str
    seconds: float
    cpu: float  # seconds of this process and of slapd
    found: str


def measured(
    house: House, rows: int, what: str, limit: str, call: Callable[[], T], told: Callable[[T], str]
) -> tuple[Figure, T]:
    """What a call took."""
    begun, cpu = time.monotonic(), time.process_time() + house.cpu_seconds()
    result = call()
    took, spent = time.monotonic() - begun, time.process_time() + house.cpu_seconds() - cpu
    figure = Figure(rows, what, limit, took, spent, told(result))
    print(figure, flush=True)
    return figure, result


def verdicts(found: list) -> str:
    """How many of each."""
    return ", ".join(
        f"{count:,} {verdict}" for verdict, count in sorted(Counter(each.verdict for each in found).items())
    )


def judged(house: House, octets: bytes, rows: int, limit: str, what: str = "judged") -> tuple[Figure, list]:
    """A verdict for each row."""
    return measured(house, rows, what, limit, lambda: check(house.directory, read(house.directory, octets)), verdicts)


def made(house: House, octets: bytes, rows: int, limit: str, candidates: list) -> list[Figure]:
    """All who can be; and what the same sheet comes to afterwards."""
    journal = Journal(house.slapd.folder / f"{rows}.jsonl")
    first, _ = measured(
        house,
        rows,
        "made",
        limit,
        lambda: apply(house.admin, candidates, journal, _ZONE),
        lambda done: f"{len(done.made):,} made, {len(done.left):,} left",
    )
    again, after = judged(house, octets, rows, "–", "judged again")
    people = len(house.directory.people())
    apply(house.admin, after, journal, _ZONE)
    assert len(house.directory.people()) == people, "the same sheet made somebody twice"
    return [first, again]


@click.command()
@click.option("--rows", default=10_000, show_default=True, help="Of the large sheet.")
@click.option("--make", is_flag=True, help="Make the people of the large sheet, too: minutes.")
@click.option("--write/--no-write", default=True, help="Write docs/bench/bulk.md.")
def main(rows: int, make: bool, write: bool) -> None:
    """A sheet of 400 rows, and a large one for the same directory."""
    load = os.getloadavg()[0]
    with running() as house:
        populate(house)
        small, large = nasty(400, "small-"), nasty(rows, "large-one-")
        first, candidates = judged(house, small, 400, "5 s")
        figures = [first, *made(house, small, 400, "60 s", candidates)]
        first, candidates = judged(house, large, rows, "60 s")
        figures += [first, *(made(house, large, rows, "–", candidates) if make else ())]
    text = report(load, figures)
    print(text)
    if write:
        REPORT.write_text(text)


def report(load: float, figures: list[Figure]) -> str:
    """docs/bench/bulk.md."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, load {load:.1f} before"
    lines = "\n".join(
        f"| {each.rows:,} | {each.what} | {each.limit} | {each.seconds:.1f} s | {each.cpu:.1f} s | {each.found} |"
        for each in figures
    )
    return f"""# Sheets of people

Measured by `scripts/bench bulk` on {datetime.now(UTC):%Y-%m-%d}: a file as offices send it (merged title, blank rows,
names in both scripts, numbers that Excel has mangled, rows that are wrong in seven ways), from its octets to a verdict
for each row, and to the last account in a directory with durable writes. Machine: {machine}.
CPU is that of the process and of slapd together.

| rows | step | no more than | took | CPU | |
|---:|---|---:|---:|---:|---|
{lines}

Judged again means: when all who could be made are there. Making the same sheet once more made nobody.
"""


if __name__ == "__main__":
    main()
