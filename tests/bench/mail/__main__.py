"""`scripts/bench mail`: measures both sides in one run and prints their ratios."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from bench.mail import measures, ours, peers, report
from bench.mail.server import Server

_SMALL, _LARGE = b"Small", b"Large"
_SIDES: dict[str, Callable[[Path], Server]] = {"odmail": ours.start, "peers": peers.start}

console = Console(stderr=True, highlight=False, width=110)


def measure(server: Server, messages: int, mailbox: int, idle: int, runs: int) -> dict[str, float]:
    """All figures of one server, by name."""
    found: dict[str, float] = {}

    def note(name: str, value: float) -> None:
        found[name] = value
        console.print(f"{server.name:18} {report.FIGURES[name].text:52} {value:12,.1f} {report.FIGURES[name].unit}")

    note("idle", measures.idle_memory(server, idle))
    note("travel20", measures.median_of(lambda: measures.travel(server, 20, messages), runs))
    note("travel1", measures.median_of(lambda: measures.travel(server, 1, messages // 4), runs))
    client = server.connect()
    for name in (_SMALL, _LARGE):
        client.command(b"CREATE " + name)
    client.close()
    small = min(100, mailbox)
    measures.fill(server, _SMALL, small)
    note("append", measures.fill(server, _LARGE, mailbox))
    note("select_small", measures.select(server, _SMALL, 5 * runs))
    note("select_large", measures.select(server, _LARGE, 5 * runs))
    flags = (b"STORE 1:* +FLAGS.SILENT (\\Flagged)", b"STORE 1:* -FLAGS.SILENT (\\Flagged)")
    for name, commands in {
        "envelopes": (b"FETCH 1:* (UID FLAGS ENVELOPE)",),
        "bodies": (b"FETCH 1:* (UID BODY.PEEK[])",),
        "flags": (b"FETCH 1:* (UID FLAGS)",),
        "store": flags,
    }.items():
        note(name, measures.bulk(server, _LARGE, commands, mailbox, runs + runs % 2 if commands is flags else runs))
    return found


@click.command()
@click.option("--messages", default=2000, show_default=True, help="Messages that travel in each run (20 sessions).")
@click.option("--mailbox", default=20_000, show_default=True, help="Messages in the large mailbox.")
@click.option("--idle", default=90, show_default=True, help="Idle connections that are added to as many.")
@click.option("--runs", default=3, show_default=True, help="Runs of each measurement; the median counts.")
@click.option("--only", type=click.Choice([*_SIDES]), help="Measure one side; nothing is written.")
@click.option("--keep", is_flag=True, help="Keep the servers' folders, for a look at their logs.")
def main(messages: int, mailbox: int, idle: int, runs: int, only: str | None, keep: bool) -> None:
    """Measure odmail beside Postfix and Dovecot."""
    figures: dict[str, dict[str, float]] = {}
    for side in [only] if only else _SIDES:
        with ExitStack() as stack:
            root = Path(tempfile.mkdtemp(prefix=f"bench-{side}-"))
            if keep:
                console.print(f"{side}: {root}")
            else:
                stack.callback(shutil.rmtree, root, ignore_errors=True)
            server = _SIDES[side](root)
            stack.callback(server.stop)
            figures[side] = measure(server, messages, mailbox, idle, runs)
    sizes = f"{messages:,} messages a run, a mailbox of {mailbox:,}, {idle} idle connections, median of {runs} runs"
    Console(width=110).print(report.table(figures, sizes))
    if not only:
        path = Path(__file__).resolve().parents[3] / "docs" / "bench" / "mail.md"
        report.write(path, figures, sizes)
        console.print(f"Written to {path}")


if __name__ == "__main__":
    sys.exit(main())
