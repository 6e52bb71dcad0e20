"""`scripts/bench imap`: odmail beside Dovecot, in one run, as ratios."""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import click
from rich.console import Console

from bench.imap import report
from bench.imap.sides import console, running
from bench.imap.steps import Step, steps
from bench.mail.server import Server


def measure(servers: Mapping[str, Server], wanted: Sequence[Step], runs: int) -> report.Runs:
    """Every step on one server right after the other, again and again; the first round only warms up."""
    found: dict[str, dict[str, list[float]]] = {side: defaultdict(list) for side in servers}
    for step in wanted:
        for run in range(runs + 1):
            for side, server in servers.items():
                for name, value in step(server).items():
                    if run:
                        found[side][name].append(value)
                        console.print(f"{server.name:8} {report.FIGURES[name].text:75} {report.number(value):>9}")
    return found


@click.command()
@click.option("--mailbox", default=10_000, show_default=True, help="Messages in the mailbox.")
@click.option("--appended", default=40, show_default=True, help="Messages appended in each run.")
@click.option("--seconds", default=1.0, show_default=True, help="Of each run of small commands.")
@click.option("--runs", default=3, show_default=True, help="Runs of each measurement; the median counts.")
@click.option("--figure", "chosen", multiple=True, help="Measure only this; nothing is written.")
@click.option("--only", type=click.Choice(["odmail", "dovecot"]), help="Measure one side; nothing is written.")
@click.option("--keep", is_flag=True, help="Keep the servers' folders.")
def main(
    mailbox: int, appended: int, seconds: float, runs: int, chosen: tuple[str, ...], only: str | None, keep: bool
) -> None:
    """Measure odmail's IMAP beside Dovecot's."""
    wanted = [step for name, step in steps(appended, seconds).items() if not chosen or name in chosen]
    with ExitStack() as stack:
        sides = [only] if only else ["odmail", "dovecot"]
        servers = {side: stack.enter_context(running(side, mailbox, keep)) for side in sides}
        found = measure(servers, wanted, runs)
    sizes = f"a mailbox of {mailbox:,}, median of {runs} runs"
    Console(width=130).print(report.table(f"IMAP: {sizes}", report.HEADINGS, report.rows(found)))
    if not only and not chosen:
        console.print(f"Written to {report.write(found, sizes)}")


if __name__ == "__main__":
    sys.exit(main())
