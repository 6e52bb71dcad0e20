"""`scripts/bench imap-cpu`: what a command costs the server's processors, odmail beside Dovecot.

It says nearly the same while others use the machine, so that a change can be judged on one that is not quiet.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import click
from rich.console import Console

from bench.imap import report
from bench.imap.sides import console, running
from bench.imap.steps import BULK, MAILBOX, SINGLE, SMALL
from bench.mail.client import Imap
from bench.mail.server import Server

_LARGE = ("flags", "envelopes", "fields", "headers", "structures", "sort_date", "thread")
_ALONE = ("status", "list", "search_uid", "fetch_body")

COMMANDS: dict[str, tuple[bytes, int]] = {
    **{name: (BULK[name][0], 3) for name in _LARGE},
    **{name: (SINGLE[name][0], 300) for name in _ALONE},
    "noop_1": (SMALL["noop"], 300),
    "fetch_one_1": (SMALL["fetch_one"], 300),
}
"""Each with how often it is given in a run."""


def processor_time(pids: Sequence[int]) -> int:
    """Nanoseconds that all threads of these processes have run."""
    total = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with suppress(OSError):  # it ended while we looked
                total += int(thread.read_text(encoding="ascii").split()[0])
    return total


def cost(server: Server, client: Imap, name: str) -> float:
    """Milliseconds of processor time for one command."""
    command, times = COMMANDS[name]
    before = processor_time(server.pids())
    for _ in range(times):
        client.command(command)
    return (processor_time(server.pids()) - before) / times / 1e6


def measure(servers: dict[str, Server], wanted: Sequence[str], runs: int) -> report.Runs:
    """Each command on one server right after the other; the first run only warms up, and the least of all counts."""
    found: dict[str, dict[str, list[float]]] = {side: defaultdict(list) for side in servers}
    for name in wanted:
        clients = {side: server.connect() for side, server in servers.items()}
        for client in clients.values():
            client.command(b"SELECT " + MAILBOX)
        costs = [[cost(servers[side], client, name) for side, client in clients.items()] for _ in range(runs + 1)]
        for side, each in zip(clients, zip(*costs[1:], strict=True), strict=True):
            found[side][name] = [min(each)]
            console.print(f"{side:8} {report.FIGURES[name].text:75} {report.number(min(each)):>9}")
        for client in clients.values():
            client.close()
    return found


@click.command()
@click.option("--mailbox", default=10_000, show_default=True, help="Messages in the mailbox.")
@click.option("--runs", default=5, show_default=True, help="Runs of each measurement; the least counts.")
@click.option("--figure", "chosen", multiple=True, help="Measure only this; nothing is written.")
@click.option("--only", type=click.Choice(["odmail", "dovecot"]), help="Measure one side; nothing is written.")
def main(mailbox: int, runs: int, chosen: tuple[str, ...], only: str | None) -> None:
    """Measure the processor time of commands."""
    sides = [only] if only else ["odmail", "dovecot"]
    with ExitStack() as stack:
        servers = {side: stack.enter_context(running(side, mailbox, keep=False)) for side in sides}
        found = measure(servers, [name for name in COMMANDS if not chosen or name in chosen], runs)
    lines = report.rows(found, {name: report.Figure(report.FIGURES[name].text) for name in COMMANDS})
    Console(width=130).print(report.table("IMAP: processor time", report.HEADINGS, lines))
    if chosen or only:
        return
    page = [
        "# IMAP, processor time",
        "",
        f"Measured by `scripts/bench imap-cpu` on {report.today()}: a mailbox of {mailbox:,}, the least of {runs}",
        f"runs. {report.machine()}. What is shown is the processor time of all of the server's processes for one",
        "command of one client over TLS. Both servers have the messages of [imap.md](imap.md), and caches are warm.",
        "Other programs may have been at work meanwhile, which costs both sides alike.",
        "",
        *report.markdown(report.HEADINGS, lines),
        "",
    ]
    (report.FOLDER / "imap-cpu.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
