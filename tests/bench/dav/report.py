"""The page docs/bench/dav.md."""

import os
import platform
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from bench.dav import calendars, drives

PATH = Path(__file__).resolve().parents[3] / "docs" / "bench" / "dav.md"

Asked = dict[int, dict[str, dict[str, tuple[float, float]]]]
"""By events, server, step: milliseconds of one client, requests a second of eight."""

Kept = dict[str, list[float]]

_HEAD = """\
# Calendars and files, side by side

Measured by `scripts/bench dav --write` on {day}, load {load:.1f} before; {cpus} cores, {machine}, Python {python}.
All servers ran here one after the other with the same client. odmail runs as `odmail serve` does, whole, with its
directory and TLS; Radicale 3.9 with its own server and storage, Xandikos 0.4.10 and Debian's Cyrus run without TLS;
Apache (Debian, mod_dav, event) and WsgiDAV (cheroot) with TLS. Each client keeps its connection where the server does.
Every seventh event recurs. The first table of each pair is the median of one client alone; the second what eight do
together. The column *ahead* is how many times better odmail is than the best of the others: below 1 it is behind.
"""

_FILES = """\
## Files

What odmail has acknowledged is on the disk (large files: fsyncs of the file, its folders and the database; small ones:
of the database alone), has a digest, and what it replaced is kept. Apache and WsgiDAV do neither hash nor fsync: their
octets are in memory when they answer, and after a power cut they are gone. So where the disk is busy, a small file
waits for it here and not there.

Of the processor time of a large upload, counted by thread, TLS and the socket are 0.8 s of a GiB, the way into Python
and a copy into pages of memory 0.5 s, the digest (ADR 40) 0.2 s, and writing past the system's cache (ADR 9) 0.2 s.
Nothing of it is in the cache afterwards: the first download reads the disk, and what others read has stayed in memory.

"""


def page(asked: Asked, kept: Kept, mebibytes: int, entries: int) -> str:
    """All of it."""
    head = _HEAD.format(
        day=date.today(),
        cpus=os.cpu_count(),
        machine=platform.machine(),
        python=platform.python_version(),
        load=os.getloadavg()[2],
    )
    parts = [head]
    for size, found in asked.items():
        if found:
            parts.append(f"## A calendar of {size:,} events\n\nMilliseconds, one client:\n\n" + _calendar(found, 0))
            parts.append("Requests a second, eight clients:\n\n" + _calendar(found, 1))
    if kept:
        rows = [
            (f"{step.format(size=f'{mebibytes:,} MiB', entries=f'{entries:,}')} ({unit})", column, unit in ("ms", "s"))
            for (step, unit), column in zip(drives.STEPS.items(), zip(*kept.values(), strict=True), strict=True)
        ]
        parts.append(_FILES + _table(list(kept), rows))
    return "\n".join(parts)


def _calendar(found: Mapping[str, Mapping[str, tuple[float, float]]], which: int) -> str:
    rows = [(step, [each[step][which] for each in found.values()], which == 0) for step in calendars.STEPS]
    return _table(list(found), rows)


def _table(names: list[str], rows: Iterable[tuple[str, Iterable[float], bool]]) -> str:
    """`odmail` is the first column; each row says whether less is better."""
    lines = [f"|  | {' | '.join(names)} | ahead |", f"|---|{'---:|' * (len(names) + 1)}"]
    for step, values, less in rows:
        mine, *others = values
        ahead = ""
        if others:
            ahead = f"{min(others) / mine if less else mine / max(others):.1f} x"
        lines.append(f"| {step} | {' | '.join(map(_shown, (mine, *others)))} | {ahead} |")
    return "\n".join(lines) + "\n"


def _shown(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
