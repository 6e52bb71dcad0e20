"""The figures as tables of ratios, on the screen and in `docs/bench/`."""

import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "bench"
HEADINGS = ("", "odmail", "Dovecot", "", "odmail is better by")

Runs = Mapping[str, Mapping[str, Sequence[float]]]
"""By side and figure: one number of each run."""


@dataclass(frozen=True)
class Figure:
    """What a number says."""

    text: str
    unit: str = "ms"
    more_is_better: bool = False


FIGURES = {
    "select": Figure("SELECT on a fresh connection"),
    "flags": Figure("FETCH 1:* (UID FLAGS)"),
    "envelopes": Figure("FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
    "fields": Figure("UID FETCH 1:* (FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (12 fields)])"),
    "headers": Figure("FETCH 1:* (BODY.PEEK[HEADER])"),
    "structures": Figure("FETCH 1:* (BODYSTRUCTURE)"),
    "bodies": Figure("FETCH 1:* (UID BODY.PEEK[])"),
    "search_flag": Figure("SEARCH UNSEEN"),
    "search_since": Figure("SEARCH SINCE"),
    "search_subject": Figure("SEARCH SUBJECT, one match"),
    "search_from": Figure("SEARCH FROM, 1 in 250 matches"),
    "search_rare": Figure("SEARCH BODY, one match"),
    "search_text": Figure("SEARCH TEXT, one match"),
    "search_common": Figure("SEARCH BODY, 9 in 10 match"),
    "sort_date": Figure("SORT (DATE) of all"),
    "sort_subject": Figure("SORT (SUBJECT) of all"),
    "thread": Figure("THREAD REFERENCES of all"),
    "store": Figure("STORE of a flag on all"),
    "copy": Figure("COPY of all"),
    "move": Figure("MOVE of all"),
    "expunge": Figure("EXPUNGE of all"),
    "append": Figure("APPEND, each of many in a row"),
    "status": Figure("STATUS"),
    "fetch_body": Figure("UID FETCH of one body"),
    "store_one": Figure("UID STORE of one flag"),
    "search_uid": Figure("UID SEARCH of one uid"),
    "list": Figure("LIST of ten mailboxes"),
    "noop_1": Figure("NOOP, 1 connection", "commands/s", True),
    "noop_10": Figure("NOOP, 10 connections", "commands/s", True),
    "noop_100": Figure("NOOP, 100 connections", "commands/s", True),
    "fetch_one_1": Figure("UID FETCH of one envelope, 1 connection", "commands/s", True),
    "fetch_one_10": Figure("UID FETCH of one envelope, 10 connections", "commands/s", True),
    "fetch_one_100": Figure("UID FETCH of one envelope, 100 connections", "commands/s", True),
}


def number(value: float | None) -> str:
    """As a person reads it."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"


def rows(runs: Runs, figures: Mapping[str, Figure] = FIGURES) -> list[tuple[str, ...]]:
    """One for each figure: the medians and their ratio."""
    found = []
    for name, figure in figures.items():
        own, other = (_median(runs.get(side, {}).get(name)) for side in ("odmail", "dovecot"))
        if own is None and other is None:
            continue
        ratio = ""
        if own and other:
            ratio = f"{own / other if figure.more_is_better else other / own:.1f} x"
        found.append((figure.text, number(own), number(other), figure.unit, ratio))
    return found


def _median(values: Sequence[float] | None) -> float | None:
    return statistics.median(values) if values else None


def table(title: str, headings: Sequence[str], lines: Sequence[Sequence[str]]) -> Table:
    """For the screen."""
    shown = Table(title=title, title_justify="left")
    for at, heading in enumerate(headings):
        shown.add_column(heading, justify="right" if at and heading else "left")
    for line in lines:
        shown.add_row(*line)
    return shown


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """For a page."""
    rule = ["---:" if at and heading else "---" for at, heading in enumerate(headings)]
    return [f"| {' | '.join(line)} |" for line in (headings, rule, *lines)]


def machine() -> str:
    """What it was measured on."""
    cores = len(os.sched_getaffinity(0))
    return f"Machine: {cores} cores, {platform.machine()}, Python {platform.python_version()}"


def today() -> str:
    """The day of the measurement."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def write(runs: Runs, sizes: str) -> Path:
    """The page that compares."""
    dovecot = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
    lines = [
        "# IMAP, side by side",
        "",
        f"Measured by `scripts/bench imap` on {today()}: {sizes}.",
        f"{machine()}; Dovecot {dovecot} from Debian, Maildir, without a full-text plugin.",
        "Both ran on this machine at one time with the same messages (4 KiB, one in ten in Odia), driven by one client",
        "over TLS. Each run measured one figure of one server and then of the other; the medians are shown. Both are",
        "durable: what is answered with OK is on disk. Commands on all messages are given on a fresh connection, and",
        "have been given once before, so caches that outlive a connection are warm on both sides. Many connections",
        "come from one client process, which takes a good part of a core for itself.",
        "",
        *markdown(HEADINGS, rows(runs)),
        "",
    ]
    path = FOLDER / "imap.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
