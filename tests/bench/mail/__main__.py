"""`scripts/bench mail`: measures both sides in one run and prints their ratios."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from bench.mail import measures, ours, peers, report
from bench.mail.server import Server

_SMALL, _LARGE = b"Small", b"Large"
_SIDES: dict[str, Callable[[Path], Server]] = {"odmail": ours.start, "peers": peers.start}

console = Console(stderr=True, highlight=False, width=110)


Step = Callable[[Server], float]


def steps(messages: int, mailbox: int, idle: int, runs: int) -> dict[str, Step]:
    """The measurement of each figure, in the order they build on each other."""

    def append(server: Server) -> float:
        client = server.connect()
        for name in (_SMALL, _LARGE):
            client.command(b"CREATE " + name)
        client.close()
        measures.fill(server, _SMALL, min(100, mailbox))
        return measures.fill(server, _LARGE, mailbox)

    def bulk(*commands: bytes) -> Step:
        return lambda server: measures.bulk(server, _LARGE, commands, mailbox, runs + runs % len(commands))

    return {
        "idle": lambda server: measures.idle_memory(server, idle),
        "travel20": lambda server: measures.median_of(lambda: measures.travel(server, 20, messages), runs),
        "travel1": lambda server: measures.median_of(lambda: measures.travel(server, 1, messages // 4), runs),
        "append": append,
        "select_small": lambda server: measures.select(server, _SMALL, 5 * runs),
        "select_large": lambda server: measures.select(server, _LARGE, 5 * runs),
        "envelopes": bulk(b"FETCH 1:* (UID FLAGS ENVELOPE)"),
        "bodies": bulk(b"FETCH 1:* (UID BODY.PEEK[])"),
        "flags": bulk(b"FETCH 1:* (UID FLAGS)"),
        "store": bulk(b"STORE 1:* +FLAGS.SILENT (\\Flagged)", b"STORE 1:* -FLAGS.SILENT (\\Flagged)"),
    }


def measure(servers: Mapping[str, Server], wanted: Mapping[str, Step]) -> dict[str, dict[str, float]]:
    """Each figure of one server right after the other's, so that both find the machine in the same mood."""
    found: dict[str, dict[str, float]] = {side: {} for side in servers}
    for name, step in wanted.items():
        figure = report.FIGURES[name]
        for side, server in servers.items():
            found[side][name] = step(server)
            console.print(f"{server.name:18} {figure.text:52} {found[side][name]:12,.1f} {figure.unit}")
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
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        for side in [only] if only else _SIDES:
            root = Path(tempfile.mkdtemp(prefix=f"bench-{side}-"))
            if keep:
                console.print(f"{side}: {root}")
            else:
                stack.callback(shutil.rmtree, root, ignore_errors=True)
            servers[side] = _SIDES[side](root)
            stack.callback(servers[side].stop)
        figures = measure(servers, steps(messages, mailbox, idle, runs))
    sizes = f"{messages:,} messages a run, a mailbox of {mailbox:,}, {idle} idle connections, median of {runs} runs"
    Console(width=110).print(report.table(figures, sizes))
    if not only:
        path = Path(__file__).resolve().parents[3] / "docs" / "bench" / "mail.md"
        report.write(path, figures, sizes)
        console.print(f"Written to {path}")


if __name__ == "__main__":
    sys.exit(main())
