"""`scripts/bench dav`: every server in one run, each with the same questions."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from bench.dav import calendars, drives, hosts, report
from bench.dav.client import Site

console = Console(stderr=True, highlight=False, width=110)


@contextmanager
def running(start: Callable[[Path], Site]) -> Iterator[Site]:
    """A server with a folder of its own, gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="od-bench-dav-"))
    site = None
    try:
        site = start(root)
        yield site
    finally:
        if site is not None:
            site.stop()
        shutil.rmtree(root, ignore_errors=True)


@click.command()
@click.option("--events", type=int, multiple=True, default=(1000, 5000), help="Sizes of the calendar.")
@click.option("--seconds", type=float, default=0.4, help="For each step.")
@click.option("--mebibytes", type=int, default=1024, help="Size of the large file.")
@click.option("--entries", type=int, default=10_000, help="Small files in a folder.")
@click.option("--only", type=click.Choice(sorted({*hosts.HOSTS, *drives.DRIVES})), multiple=True)
@click.option("--part", type=click.Choice(["calendars", "drives"]), multiple=True, default=("calendars", "drives"))
@click.option("--write", is_flag=True, help="Write docs/bench/dav.md.")
def main(
    events: Sequence[int],
    seconds: float,
    mebibytes: int,
    entries: int,
    only: Sequence[str],
    part: Sequence[str],
    write: bool,
) -> None:
    """Fill, ask, compare."""
    asked: report.Asked = {size: {} for size in sorted(events)}
    for name, start in hosts.HOSTS.items() if "calendars" in part else ():
        if not only or name in only:
            for size in asked:
                with running(start) as site:
                    console.print(f"{name}: {size} events")
                    calendars.fill(site, size)
                    asked[size][name] = calendars.measure(site, size, seconds)
                console.print(f"  {asked[size][name]}")
    kept: report.Kept = {}
    for name, start in drives.DRIVES.items() if "drives" in part else ():
        if not only or name in only:
            with running(start) as site:
                console.print(f"{name}: files")
                kept[name] = drives.measure(site, mebibytes << 20, entries, seconds)
            console.print(f"  {kept[name]}")
    text = report.page(asked, kept, mebibytes, entries)
    print(text)
    if write:
        report.PATH.write_text(text)


if __name__ == "__main__":
    main()
