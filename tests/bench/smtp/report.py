"""The figures as a table of ratios, on the screen and in `docs/bench/smtp.md`."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from bench.mail.report import Figure, markdown, rows

FIGURES = {
    "in20": Figure("In: checked and in the mailbox, 20 sessions", "messages/s"),
    "in20_cpu": Figure("CPU of that, all processes", "µs/message", more_is_better=False),
    "in20_again": Figure("Told to come again (4xx), 20 sessions", "%", more_is_better=False),
    "in1": Figure("In: checked and in the mailbox, 1 session", "messages/s"),
    "in1_cpu": Figure("CPU of that, all processes", "µs/message", more_is_better=False),
    "in1_again": Figure("Told to come again (4xx), 1 session", "%", more_is_better=False),
    "out": Figure("Out: submitted, signed, taken by the relay", "messages/s"),
    "out_cpu": Figure("CPU of that, all processes", "µs/message", more_is_better=False),
}

SIDES = ("odmail", "peers")

Runs = Mapping[str, Mapping[str, Sequence[float]]]
"""By side and figure: one number of each run."""

_HEADINGS = ("", "odmail", "Postfix + filters", "", "odmail is better by")
_PATH = Path(__file__).resolve().parents[3] / "docs" / "bench" / "smtp.md"


def table(found: Runs, sizes: str) -> Table:
    """For the screen."""
    shown = Table(title=f"SMTP: {sizes}", title_justify="left")
    for heading in _HEADINGS:
        shown.add_column(heading, justify="right" if heading else "left")
    for row in rows(found, FIGURES):
        shown.add_row(*row)
    return shown


def write(found: Runs, sizes: str) -> None:
    """For the reader of the repository."""
    lines = [
        "# SMTP with all checks, side by side",
        "",
        f"Measured by `scripts/bench smtp` on {datetime.now(UTC):%Y-%m-%d}: {sizes}.",
        f"Machine: {len(os.sched_getaffinity(0))} cores, {platform.machine()}, Python {platform.python_version()};",
        f"{_versions()}.",
        "",
        *markdown(_HEADINGS, rows(found, FIGURES)),
        "",
        *_WORDS,
        "",
    ]
    _PATH.write_text("\n".join(lines), encoding="utf-8")


_WORDS = """\
Both ran on this machine at one time, driven by one client: each run measured one figure of one side and then of the
other with the same letters; a first run of each only warmed up. Both are durable: a message is on disk before it is
acknowledged. Before anything counted, a letter was delivered to each side and its Authentication-Results found to say
`spf=pass`, `dkim=pass` and `dmarc=pass`, and what each side sent to the outside found to be signed.

**In.** Letters of 4 KiB from 200 domains, each with an address of its own (127.77.x.9), SPF by `mx`, an RSA key of
2,048 bits and `p=reject`; signed before the run, aligned; a connection for each, the envelope pipelined. The DNS is
unbound on loopback with all of it in memory. A rate counts from the first connection until the last message is in its
mailbox. odmail runs with its defaults: it also looks at the client's name, the attachments and the words (Bayes), and
remembers senders; what it found goes into reports. Postfix has policyd-spf, OpenDKIM and OpenDMARC (with a history for
reports), configured as Debian does but for names, sockets and who is inside, and delivers to Dovecot by LMTP.
Greylisting is off on both sides; no blocklist is asked, no virus scanner runs. Who is told to come again tries again
after 50 ms on a new connection: a worker of odmail lets 12 messages wait for the DNS at a time and sends others away.

**Out.** The same kind of letters, without a signature, from 20 people over TLS and signed in, 20 connections kept open;
both sides sign (Postfix by OpenDKIM, with RSA; odmail with RSA and Ed25519) and pass on to `smtp-sink` on
loopback as their relay. A rate counts until the sink has counted all.
""".splitlines()


def _versions() -> str:
    packages = ("postfix", "postfix-policyd-spf-python", "opendkim", "opendmarc", "dovecot-core")
    words = ["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *packages]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.rstrip(", ") + ", from Debian"
