"""The figures as a table of ratios, on the screen and in `docs/bench/mail.md`."""

import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """What a number says."""

    text: str
    unit: str
    more_is_better: bool = True


FIGURES = {
    "travel20": Figure("Accepted by SMTP to in the mailbox, 20 sessions", "messages/s"),
    "travel1": Figure("Accepted by SMTP to in the mailbox, 1 session", "messages/s"),
    "append": Figure("IMAP APPEND, one connection", "messages/s"),
    "envelopes": Figure("FETCH of all envelopes", "messages/s"),
    "bodies": Figure("FETCH of all bodies", "messages/s"),
    "flags": Figure("FETCH of all flags", "messages/s"),
    "store": Figure("STORE of a flag on all", "messages/s"),
    "select_small": Figure("SELECT, 100 messages", "ms", more_is_better=False),
    "select_large": Figure("SELECT, the large mailbox", "ms", more_is_better=False),
    "idle": Figure("Memory of an idle IMAP connection (PSS, anonymous)", "KiB", more_is_better=False),
}

SIDES = ("odmail", "peers")

Runs = Mapping[str, Mapping[str, Sequence[float]]]
"""By side and figure: one number of each run."""

_HEADINGS = ("", "odmail", "Postfix + Dovecot", "", "odmail is better by")
_STAGES = ("", "microseconds")


def rows(found: Runs, figures: Mapping[str, Figure] = FIGURES) -> list[tuple[str, ...]]:
    """One for each figure, as text."""
    lines = []
    for name, figure in figures.items():
        own, other = (_median(found, side, name) for side in SIDES)
        ratio = ""
        if own and other:
            ratio = f"{own / other if figure.more_is_better else other / own:.1f} x"
        lines.append((figure.text, _number(own), _number(other), figure.unit, ratio))
    return lines


def share_rows(found: Runs, parts: Mapping[str, float]) -> list[tuple[str, ...]]:
    """Where the CPU time of a message goes."""
    used = {name.partition(" ")[2]: statistics.median(runs) for name, runs in _of(found, "odmail", "cpu20")}
    peers = sum(statistics.median(runs) for _, runs in _of(found, "peers", "cpu20"))
    total = sum(used.values())
    lines = [(name, f"{spent:,.0f}") for name, spent in parts.items()]
    if used:
        rest = total - sum(parts.values())
        lines.append(("Rest: sockets, event loop, bus, waking each other, caches gone cold", f"{rest:,.0f}"))
        lines.append(("**odmail, all processes**", f"**{total:,.0f}**"))
        lines += [(f"of which {name}", f"{spent:,.0f}") for name, spent in sorted(used.items()) if spent >= 1]
    if peers:
        lines.append(("**Postfix + Dovecot, all processes**", f"**{peers:,.0f}**"))
    return lines


def _of(found: Runs, side: str, prefix: str) -> list[tuple[str, Sequence[float]]]:
    return [(name, runs) for name, runs in found.get(side, {}).items() if name.startswith(f"{prefix} ")]


def _median(found: Runs, side: str, name: str) -> float | None:
    runs = found.get(side, {}).get(name)
    return statistics.median(runs) if runs else None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def table(found: Runs, sizes: str) -> Table:
    """For the screen."""
    shown = Table(title=f"Mail: {sizes}", title_justify="left")
    for heading in _HEADINGS:
        shown.add_column(heading, justify="right" if heading else "left")
    for row in rows(found):
        shown.add_row(*row)
    return shown


def shares(found: Runs, parts: Mapping[str, float]) -> Table:
    """For the screen."""
    shown = Table(title="CPU of a message, 20 sessions", title_justify="left")
    for heading in _STAGES:
        shown.add_column(heading, justify="right" if heading else "left")
    for row in share_rows(found, parts):
        shown.add_row(*(word.strip("*") for word in row))
    return shown


def write(path: Path, found: Runs, parts: Mapping[str, float], sizes: str) -> None:
    """For the reader of the repository."""
    lines = [
        "# Mail, side by side",
        "",
        f"Measured by `scripts/bench mail` on {datetime.now(UTC):%Y-%m-%d}: {sizes}.",
        f"Machine: {len(os.sched_getaffinity(0))} cores, {platform.machine()}, Python {platform.python_version()};",
        f"{_versions()}, both from Debian, Maildir, delivery by LMTP.",
        "Both ran on this machine at one time, driven by one client: each run measured one figure of one side and then",
        "of the other, and the medians are shown; a first run of each only warmed up. Both are durable: a message is",
        "on disk before it is acknowledged. IMAP goes over TLS. Messages are 4 KiB. SMTP load comes from Postfix's",
        "`smtp-source` to 20 accounts, a connection for each message; a rate counts from the first connection until",
        "the last message is in its mailbox. Idle memory is that of each of 1,000 more connections with TLS (Dovecot:",
        "of 90), before any other load. More on IMAP is in `imap.md`.",
        "",
        *markdown(_HEADINGS, rows(found)),
        "",
        "## Where the time of a message goes",
        "",
        "CPU time of a message that travels in 20 sessions. The parts are measured alone, in one process, without",
        "sockets; the sum of all processes is what the kernel counted while messages travelled.",
        "",
        *markdown(_STAGES, share_rows(found, parts)),
        "",
        *_WORDS,
        "",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


_WORDS = """\
A message waits for the disk twice: for the commit before `250` and for the commit in its mailbox (ADR 15). With 20
sessions both are shared: counted with strace, a message costs about half an fsync and 100 system calls. With one
session nothing can be shared before `250`: a message costs one fsync, seven round trips, the setting up and closing
of a connection, one after the other, and two switches between the thread that talks and the one that commits.

What stands in the way of more is Python: of the time of all processes `perf` finds 55 % in the interpreter, 30 % in
the kernel (sockets first, then fsync and thread switches), 8 % in SQLite. The rest above is Twisted's work on each
event and connection and those system calls: for each message an accept, six reads, seven writes, a close. Of an idle
connection's memory some 24 KiB are OpenSSL's own, though its buffers are given back while it is idle; 9 KiB are ours
and Twisted's.
""".splitlines()


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """A table, for the reader of the repository."""
    rule = "|".join("---:" if heading else "---" for heading in headings)
    return [f"| {' | '.join(headings)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in lines)]


def _versions() -> str:
    postfix = subprocess.run(["postconf", "-hd", "mail_version"], capture_output=True, text=True, check=True).stdout
    dovecot = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    return f"Postfix {postfix.strip()} and Dovecot {dovecot.split()[0]}"
