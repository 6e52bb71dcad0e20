"""`scripts/bench mail`: measures both sides in one run and prints their ratios."""

import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console

from bench.imap import stores
from bench.mail import measures, ours, peers, report, stages
from bench.mail.letters import letter
from bench.mail.server import Server

_SMALL, _LARGE = "Small", "Large"
_CROWDS = {"odmail": (200, 1000), "peers": (90, 90)}
"""Idle connections before it counts, and those that count. A thousand of Dovecot's would fill a machine's memory."""

Step = Callable[[Server], dict[str, float]]

console = Console(stderr=True, highlight=False, width=110)


@contextmanager
def running(side: str, mailbox: int, keep: bool) -> Iterator[Server]:
    """One side with its mailboxes filled."""
    root = Path(tempfile.mkdtemp(prefix=f"bench-{side}-"))
    server = ours.start(root) if side == "odmail" else peers.start(root)
    try:
        for name, size in ((_SMALL, min(100, mailbox)), (_LARGE, mailbox)):
            messages = (letter(number, server.logins[0]) for number in range(size))
            if side == "odmail":
                with stores.account(root / "odmail.toml", "user0") as account:
                    stores.into_odmail(account, name, messages)
            else:
                stores.into_maildir(root / "mail" / server.logins[0] / f".{name}", messages)
        console.print(f"{server.name}: {root}")
        yield server
    finally:
        server.stop()
        if not keep:
            shutil.rmtree(root, ignore_errors=True)


def steps(messages: int, mailbox: int) -> list[Step]:
    """What is measured, in this order."""
    small, large = _SMALL.encode(), _LARGE.encode()

    def bulk(name: str, command: bytes) -> Step:
        return lambda server: {name: measures.bulk(server, large, command, mailbox)}

    def store(server: Server) -> dict[str, float]:
        command = b"STORE 1:* %bFLAGS.SILENT (\\Flagged)"
        client = server.connect()
        client.command(b"SELECT " + large)
        client.command(command % b"-")
        took = client.timed(command % b"+")
        client.close()
        return {"store": mailbox / took}

    return [
        lambda server: measures.travel(server, 20, messages),
        lambda server: measures.travel(server, 1, messages // 2),
        lambda server: {"append": measures.append(server, small, messages // 10)},
        lambda server: {"select_small": measures.select(server, small)},
        lambda server: {"select_large": measures.select(server, large)},
        bulk("envelopes", b"FETCH 1:* (UID FLAGS ENVELOPE)"),
        bulk("bodies", b"FETCH 1:* (UID BODY.PEEK[])"),
        bulk("flags", b"FETCH 1:* (UID FLAGS)"),
        store,
    ]


def _idle(server: Server, loaded: int, connections: int) -> float:
    """Once, before anything else: memory that other work has left free would hide what a connection takes."""
    memory = measures.idle_memory(server, connections, loaded=loaded)
    console.print(f"{server.name:18} {report.FIGURES['idle'].text:52} {memory:12,.1f} KiB")
    return memory


def measure(servers: Mapping[str, Server], wanted: Sequence[Step], runs: int) -> report.Runs:
    """Every step on one side right after the other, again and again, so that both find the machine in the same mood.

    The first round only warms up.
    """
    found: dict[str, dict[str, list[float]]] = {side: defaultdict(list) for side in servers}
    for step in wanted:
        for run in range(runs + 1):
            for side, server in servers.items():
                for name, value in step(server).items():
                    if run:
                        found[side][name].append(value)
                    if run and name in report.FIGURES:
                        figure = report.FIGURES[name]
                        console.print(f"{server.name:18} {figure.text:52} {value:12,.1f} {figure.unit}")
    return found


@click.command()
@click.option("--messages", default=2000, show_default=True, help="Messages that travel in each run (20 sessions).")
@click.option("--mailbox", default=20_000, show_default=True, help="Messages in the large mailbox.")
@click.option("--runs", default=3, show_default=True, help="Runs of each measurement; the median counts.")
@click.option("--only", type=click.Choice(["odmail", "peers"]), help="Measure one side; nothing is written.")
@click.option("--keep", is_flag=True, help="Keep the servers' folders, for a look at their logs.")
def main(messages: int, mailbox: int, runs: int, only: str | None, keep: bool) -> None:
    """Measure odmail beside Postfix and Dovecot."""
    load = os.getloadavg()[0]  # of others: a machine that is busy favors whoever spreads over more processes
    parts = stages.measure()
    with ExitStack() as stack:
        servers = {
            side: stack.enter_context(running(side, mailbox, keep)) for side in ([only] if only else report.SIDES)
        }
        idle = {side: _idle(server, *_CROWDS[side]) for side, server in servers.items()}
        found = measure(servers, steps(messages, mailbox), runs)
        for side, memory in idle.items():
            found[side]["idle"].append(memory)
    sizes = f"{messages:,} messages a run, a mailbox of {mailbox:,}, median of {runs} runs, load {load:.1f} before"
    Console(width=110).print(report.table(found, sizes))
    Console(width=110).print(report.shares(found, parts))
    if not only:
        path = Path(__file__).resolve().parents[3] / "docs" / "bench" / "mail.md"
        report.write(path, found, parts, sizes)
        console.print(f"Written to {path}")


if __name__ == "__main__":
    sys.exit(main())
