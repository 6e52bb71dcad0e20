"""`scripts/bench imap-idle`: many connections in IDLE, what they cost, and how soon clients hear of mail."""

import json
import resource
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from bench.imap import report, stores
from bench.imap.letters import letter, series
from bench.imap.pressure import pressure
from bench.mail import ours
from bench.mail.client import Imap
from bench.mail.server import ACCOUNTS, HOST, Server, cpu_seconds
from odmail.mailbox.api import CreateMailbox
from odtest.house import PASSWORD, SASMITA

ALONE = b"Alone"
BUSY = b"Busy"  # where those are at work who make the load
WORKING = 10  # of them
EACH = 200  # connections from one address: the suite takes no more
QUIET = 30.0  # seconds in which nothing happens

console = Console(stderr=True, highlight=False, width=120)


@dataclass
class Findings:
    """One server's."""

    name: str
    memory: float  # KiB for each connection
    busy: float  # share of a core while nothing happens
    tick: float | None = None  # milliseconds of the clock's look at all
    quiet: "News | None" = None  # while nothing else happens
    loaded: "News | None" = None  # while others work
    crowd: float | None = None  # milliseconds until all who have an INBOX selected do
    crowd_size: int = 0


@dataclass
class News:
    """Milliseconds from the sender's OK until clients hear of a message, for each of many messages."""

    idle: Sequence[float]  # to the one who has the mailbox selected and is in IDLE
    notify: Sequence[float]  # to the one who has no mailbox selected and gave NOTIFY


def without_tls(connections: int) -> Findings:
    """The service alone: what a connection needs for itself."""
    root = Path(tempfile.mkdtemp(prefix="bench-idle-"))
    limits = json.dumps({"max_connections": connections, "max_per_address": EACH})
    words = [sys.executable, "-m", "odtest.imap_node", str(root), limits]
    node = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        port = json.loads(node.stdout.readline())["trusted"]

        def asked() -> dict[str, float]:
            node.stdin.write(b"rss\n")
            node.stdin.flush()
            return json.loads(next(line for line in node.stdout if line.startswith(b"{")))

        def idle(number: int) -> Imap:
            client = Imap(socket.create_connection((HOST, port), source_address=(_source(number), 0)))
            client.command(b'LOGIN %b "%b"' % (SASMITA.uid.encode(), PASSWORD.encode()))
            client.command(b"SELECT INBOX")
            client.idle()
            return client

        few = connections // 20  # what is loaded once is not a connection's
        clients = [idle(number) for number in range(few)]
        before = asked()
        clients += [idle(number) for number in range(few, connections)]
        after = asked()
        time.sleep(QUIET)
        later = asked()
        for client in clients:
            client.close()
    finally:
        node.stdin.close()
        node.wait(60)
        shutil.rmtree(root, ignore_errors=True)
    return Findings(
        f"one process, {after['open']:,.0f} connections, no TLS",
        (after["pss"] - before["pss"]) / (after["open"] - before["open"]),
        (later["cpu"] - after["cpu"] - after["tick"]) / QUIET,
        later["tick"] * 1000,
    )


def _source(number: int) -> str:
    """An address for so many connections."""
    return f"127.0.1.{1 + number // EACH}"


def whole_suite(connections: int, pushes: int) -> Findings:
    """`odmail serve` with its defaults, but that few accounts have so many sessions, over TLS."""
    root = Path(tempfile.mkdtemp(prefix="bench-idle-"))
    server = ours.start(root, {"sessions": str(connections)})
    try:
        for number in range(ACCOUNTS):
            with stores.account(root / "odmail.toml", f"user{number}") as account:
                account.create(CreateMailbox(ALONE.decode()))
                if number == 0:
                    stores.into_odmail(account, BUSY.decode(), series(200, server.logins[0]))
        few = connections // 20
        clients = [_idle(server, number) for number in range(few)]
        before = server.memory()
        clients += [_idle(server, number) for number in range(few, connections)]
        time.sleep(3)
        memory = (server.memory() - before) / (connections - few) / 1024
        console.print(f"{connections:,} connections are open")
        start = _cpu(server)
        time.sleep(QUIET)
        found = Findings(f"the whole suite, {connections:,} connections, TLS", memory, (_cpu(server) - start) / QUIET)
        watching = [_notified(server, number) for number in range(ACCOUNTS)]
        found.quiet = _pushed(server, clients, watching, pushes)
        with pressure(server, BUSY, b"UID FETCH 77 (FLAGS ENVELOPE)", WORKING):
            found.loaded = _pushed(server, clients, watching, pushes)
        crowd = [client for number, client in enumerate(clients) if number >= ACCOUNTS and number % ACCOUNTS == 0]
        found.crowd, found.crowd_size = _push_all(server, crowd), len(crowd)
        for client in clients + watching:
            client.close()
        return found
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


def _cpu(server: Server) -> float:
    return sum(cpu_seconds(server.pids()).values())


def _idle(server: Server, number: int) -> Imap:
    """The first of each account has a mailbox for itself, all others INBOX."""
    client = server.connect(number % ACCOUNTS, _source(number))
    client.command(b"SELECT " + (ALONE if number < ACCOUNTS else b"INBOX"))
    client.idle()
    return client


def _notified(server: Server, account: int) -> Imap:
    """One that has no mailbox selected and wants to know of new mail in all."""
    client = server.connect(account)
    client.command(b"NOTIFY SET (PERSONAL (MessageNew MessageExpunge))")
    return client


def _pushed(server: Server, idle: Sequence[Imap], watching: Sequence[Imap], pushes: int) -> News:
    """One message after the other, each to the next account."""
    told = [_push(server, number % ACCOUNTS, (idle, watching)) for number in range(pushes)]
    return News(*zip(*told, strict=True))


def _push(server: Server, account: int, groups: Sequence[Sequence[Imap]]) -> list[float]:
    """How long each group's client of this account waits for the news of an APPEND."""
    sender = server.connect(account)
    sender.append(ALONE, letter(1, server.logins[account]))
    took = _await_news([group[account] for group in groups])
    sender.close()
    return took


def _await_news(listeners: Sequence[Imap]) -> list[float]:
    """Milliseconds until each hears of a message; the news may have come before."""
    start, took = time.perf_counter(), [0.0] * len(listeners)
    selector = selectors.DefaultSelector()
    for number, listener in enumerate(listeners):
        selector.register(listener.connection, selectors.EVENT_READ, number)
    while selector.get_map():
        for key, _ in selector.select():
            _read_news(listeners[key.data])
            took[key.data] = (time.perf_counter() - start) * 1000
            selector.unregister(key.fileobj)
    return took


def _read_news(listener: Imap) -> None:
    told = b""
    while not (told.endswith(b"\r\n") and (b" EXISTS\r\n" in told or b"* STATUS " in told)):
        told += listener.connection.recv(4096)


def _push_all(server: Server, listeners: Sequence[Imap]) -> float:
    sender = server.connect(0)
    sender.append(b"INBOX", letter(1, server.logins[0]))
    slowest = max(_await_news(listeners))
    sender.close()
    return slowest


@click.command()
@click.option("--connections", default=10_000, show_default=True, help="Open at one time.")
@click.option("--pushes", default=40, show_default=True, help="Messages that somebody waits for.")
def main(connections: int, pushes: int) -> None:
    """Hold many connections that do nothing."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < connections + 200:
        raise SystemExit(f"This process may have only {most} files open (RLIMIT_NOFILE): use --connections.")
    console.print(f"RLIMIT_NOFILE: {most:,}")
    lines = [_line(without_tls(connections)), _line(whole_suite(connections, pushes))]
    console.print(report.table("Idle IMAP connections", HEADINGS, lines))
    page = [
        "# IMAP, many idle connections",
        "",
        f"Measured by `scripts/bench imap-idle` on {report.today()}. {report.machine()}; RLIMIT_NOFILE is {most:,}.",
        "Every connection is signed in, has a mailbox selected and is in IDLE. Memory is the PSS of all processes, for",
        f'each connection that is added. "Idle load" is CPU time over {QUIET:.0f} quiet seconds as a share of a core;',
        '"clock" is the CPU time of the look at all connections that is taken every three seconds. The news of a',
        "message is timed from the moment its sender has the OK: how soon a client in IDLE hears of it that has the",
        "mailbox selected, and one that has none selected and gave NOTIFY; first while nothing else happens, then",
        f"while {WORKING} others fetch envelopes as fast as they can.",
        "",
        *report.markdown(HEADINGS, lines),
        "",
    ]
    (report.FOLDER / "imap-idle.md").write_text("\n".join(page), encoding="utf-8")


HEADINGS = (
    "",
    "memory of one",
    "idle load",
    "clock",
    "IDLE, NOTIFY: median and slowest",
    "the same under load",
    "news for all in one mailbox",
)


def _line(found: Findings) -> tuple[str, ...]:
    return (
        found.name,
        f"{found.memory:.1f} KiB",
        f"{found.busy * 100:.2f} %",
        "" if found.tick is None else f"{found.tick:.1f} ms",
        _news(found.quiet),
        _news(found.loaded),
        "" if found.crowd is None else f"{found.crowd:.0f} ms for {found.crowd_size}",
    )


def _news(news: News | None) -> str:
    if news is None:
        return ""
    both = (f"{statistics.median(each):.0f} and {max(each):.0f} ms" for each in (news.idle, news.notify))
    return ", ".join(both)


if __name__ == "__main__":
    sys.exit(main())
