"""The figures as a table of ratios, on the screen and in `docs/bench/mail.md`."""

import os
import platform
import subprocess
from collections.abc import Mapping
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

_HEADINGS = ("", "odmail", "Postfix + Dovecot", "", "odmail is better by")


def rows(figures: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str, str, str, str]]:
    """One for each figure, as text."""
    found = []
    for name, figure in FIGURES.items():
        own, other = (figures.get(side, {}).get(name) for side in ("odmail", "peers"))
        ratio = ""
        if own and other:
            ratio = f"{own / other if figure.more_is_better else other / own:.1f} x"
        found.append((figure.text, _number(own), _number(other), figure.unit, ratio))
    return found


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def table(figures: Mapping[str, Mapping[str, float]], sizes: str) -> Table:
    """For the screen."""
    shown = Table(title=f"Mail: {sizes}", title_justify="left")
    for heading in _HEADINGS:
        shown.add_column(heading, justify="right" if heading else "left")
    for row in rows(figures):
        shown.add_row(*row)
    return shown


def write(path: Path, figures: Mapping[str, Mapping[str, float]], sizes: str) -> None:
    """For the reader of the repository."""
    lines = [
        "# Mail, side by side",
        "",
        f"Measured by `scripts/bench mail` on {datetime.now(UTC):%Y-%m-%d}: {sizes}.",
        f"Machine: {len(os.sched_getaffinity(0))} cores, {platform.machine()}, Python {platform.python_version()};",
        f"{_versions()}, both from Debian, Maildir, delivery by LMTP.",
        "Both ran on this machine at one time, measured in turn, figure by figure, by one client. Both are durable:",
        "a message is on disk before it is acknowledged. IMAP goes over TLS. Messages are 4 KiB. SMTP load comes from",
        "Postfix's `smtp-source` to 20 accounts; a rate counts from the first connection until the last message is in",
        "its mailbox. FETCH and STORE are warm: the same command has run once before.",
        "",
        "| " + " | ".join(_HEADINGS) + " |",
        "|---|---:|---:|---|---:|",
        *("| " + " | ".join(row) + " |" for row in rows(figures)),
        "",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def _versions() -> str:
    postfix = subprocess.run(["postconf", "-hd", "mail_version"], capture_output=True, text=True, check=True).stdout
    dovecot = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    return f"Postfix {postfix.strip()} and Dovecot {dovecot.split()[0]}"
