"""`scripts/bench smtp`: mail that is checked on its way in and signed on its way out, both sides in one run."""

import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console

from bench.mail.server import ACCOUNTS, Server, cpu_seconds, free_ports
from bench.smtp import client, names, proof, report, senders, sides
from bench.smtp.senders import Letter
from bench.smtp.sink import Sink

_PATIENCE = 600
_DOMAIN = "bench.example"

console = Console(stderr=True, highlight=False, width=110)


def timed(
    name: str, server: Server, total: int, arrived: Callable[[], int], send: Callable[[], None]
) -> dict[str, float]:
    """Messages a second from the first connection to the last arrival, and microseconds of CPU of all processes."""
    wanted = arrived() + total
    spent, start = sum(cpu_seconds(server.pids()).values()), time.perf_counter()
    send()
    while arrived() < wanted:
        if time.perf_counter() - start > _PATIENCE:
            raise SystemExit(f"{server.name}: {arrived() - wanted + total} of {total} messages arrived")
        time.sleep(0.02)
    took = time.perf_counter() - start
    used = sum(cpu_seconds(server.pids()).values()) - spent
    return {name: total / took, f"{name}_cpu": used / total * 1e6}


def inbound(server: Server, letters: Sequence[Letter], sessions: int) -> dict[str, float]:
    """From the outside into mailboxes, checked."""

    again = []

    def send() -> None:
        again.append(client.deliver(server, letters, sessions))

    found = timed(f"in{sessions}", server, len(letters), server.arrived, send)
    return found | {f"in{sessions}_again": again[0] / len(letters) * 100}


def outbound(server: Server, sink: Sink, letters: Sequence[Letter]) -> dict[str, float]:
    """From people's apps to the sink, signed."""

    def send() -> None:
        client.submit(server, letters)

    return timed("out", server, len(letters), lambda: sink.messages, send)


def measure(servers: Mapping[str, Server], sinks: Mapping[str, Sink], messages: int, runs: int) -> report.Runs:
    """Each figure on one side right after the other, again and again; the first round only warms up."""
    found: dict[str, dict[str, list[float]]] = {side: defaultdict(list) for side in servers}
    number = 1
    for run in range(runs + 1):
        for sessions in (20, 1):
            count = messages if sessions > 1 else messages // 2
            coming = [senders.signed(number + at, f"user{at % ACCOUNTS}@{_DOMAIN}") for at in range(count)]
            number += count
            for side, server in servers.items():
                _note(found[side], server, inbound(server, coming, sessions), run)
        leaving = [senders.unsigned(number + at, f"user{at % ACCOUNTS}@{_DOMAIN}") for at in range(messages)]
        number += messages
        for side, server in servers.items():
            _note(found[side], server, outbound(server, sinks[side], leaving), run)
    return found


def _note(found: dict[str, list[float]], server: Server, values: Mapping[str, float], run: int) -> None:
    for name, value in values.items():
        figure = report.FIGURES[name]
        console.print(f"{server.name:18} {figure.text:60} {value:12,.1f} {figure.unit}")
        if run:
            found[name].append(value)


@click.command()
@click.option("--messages", default=1000, show_default=True, help="Messages of each run.")
@click.option("--runs", default=3, show_default=True, help="Runs of each measurement; the median counts.")
@click.option("--keep", is_flag=True, help="Keep the servers' folders, for a look at their logs.")
def main(messages: int, runs: int, keep: bool) -> None:
    """Measure odmail beside Postfix with pyspf, OpenDKIM and OpenDMARC."""
    load = os.getloadavg()[0]  # of others
    root = Path(tempfile.mkdtemp(prefix="bench-smtp-"))
    root.chmod(0o755)
    ports = free_ports(report.SIDES)
    with ExitStack() as stack:
        if not keep:
            stack.callback(shutil.rmtree, root, ignore_errors=True)
        stack.enter_context(names.serving(root / "dns", senders.records()))
        (root / "peers").mkdir()
        servers = {"odmail": sides.odmail(root / "odmail", ports["odmail"])}
        stack.callback(servers["odmail"].stop)
        servers["peers"] = stack.enter_context(sides.postfix(root / "peers", ports["peers"]))
        for side, server in servers.items():
            proof.inbound(server, senders.signed(0, server.logins[0]))
            proof.outbound(server, ports[side], root, [senders.unsigned(0, each) for each in server.logins])
        console.print("Both check SPF, DKIM and DMARC, and sign.")
        sinks = {side: Sink(ports[side]) for side in servers}
        for sink in sinks.values():
            stack.callback(sink.stop)
        found = measure(servers, sinks, messages, runs)
    sizes = f"{messages:,} messages a run, median of {runs} runs, load {load:.1f} before"
    Console(width=110).print(report.table(found, sizes))
    report.write(found, sizes)


if __name__ == "__main__":
    sys.exit(main())
