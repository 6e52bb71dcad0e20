"""The measurements: each takes a server and gives a number, the same way for every server."""

import statistics
import subprocess
import time
from collections.abc import Callable

from bench.mail.client import Imap
from bench.mail.letters import SIZE, letter
from bench.mail.server import HOST, Server

_PATIENCE = 600


def travel(server: Server, sessions: int, messages: int) -> float:
    """Messages a second from the first connection to the last message in its mailbox, spread over all accounts."""
    each = max(1, messages // len(server.logins))
    wanted = server.arrived() + each * len(server.logins)
    start = time.perf_counter()
    running = [_source(server, login, each) for login in server.logins[:sessions]]
    for login in server.logins[sessions:]:
        for process in running:
            _finish(process)
        running = [_source(server, login, each)]
    for process in running:
        _finish(process)
    while server.arrived() < wanted:
        if time.perf_counter() - start > _PATIENCE:
            raise SystemExit(f"{server.name}: only {server.arrived()} of {wanted} messages arrived")
        time.sleep(0.02)
    return each * len(server.logins) / (time.perf_counter() - start)


def _source(server: Server, login: str, messages: int) -> "subprocess.Popen[bytes]":
    """`smtp-source`: one session after another, a connection for each message, as mail from many servers comes."""
    words = ["smtp-source", "-4", "-s", "1", "-m", str(messages), "-l", str(SIZE), "-f", "sender@elsewhere.example"]
    return subprocess.Popen([*words, "-t", login, f"inet:{HOST}:{server.mx}"], stderr=subprocess.PIPE)


def _finish(process: "subprocess.Popen[bytes]") -> None:
    _, errors = process.communicate(timeout=_PATIENCE)
    if process.returncode:
        raise SystemExit(f"smtp-source: {errors.decode(errors='replace')}")


def fill(server: Server, mailbox: bytes, messages: int, first: int = 0) -> float:
    """APPENDs a second, one after the other on one connection."""
    letters = [letter(number, server.logins[0]) for number in range(first, first + messages)]
    client = server.connect()
    start = time.perf_counter()
    for octets in letters:
        client.append(mailbox, octets)
    rate = messages / (time.perf_counter() - start)
    client.close()
    return rate


def timed(client: Imap, command: bytes) -> float:
    """Seconds to the tagged response."""
    start = time.perf_counter()
    client.command(command)
    return time.perf_counter() - start


def select(server: Server, mailbox: bytes, runs: int) -> float:
    """Milliseconds of a SELECT on a fresh connection, the median."""
    took = []
    for _ in range(runs):
        client = server.connect()
        took.append(timed(client, b"SELECT " + mailbox))
        client.close()
    return statistics.median(took) * 1000


def bulk(server: Server, mailbox: bytes, commands: tuple[bytes, ...], messages: int, runs: int) -> float:
    """Messages a second of commands that touch the whole mailbox, taken in turn; the median, after one to warm up."""
    client = server.connect()
    client.command(b"SELECT " + mailbox)
    client.command(commands[-1])
    took = [timed(client, commands[run % len(commands)]) for run in range(runs)]
    client.close()
    return messages / statistics.median(took)


def idle_memory(server: Server, connections: int) -> float:
    """KiB of PSS that each connection adds which has INBOX selected and sits in IDLE.

    As many are open before it counts: what is loaded once for each account and process is not a connection's.
    """
    clients = _idle(server, connections)
    time.sleep(2)
    before = server.memory()
    clients += _idle(server, connections)
    time.sleep(2)
    after = server.memory()
    for client in clients:
        client.close()
    return (after - before) / connections / 1024


def _idle(server: Server, connections: int) -> list[Imap]:
    clients = [server.connect(number % len(server.logins)) for number in range(connections)]
    for client in clients:
        client.command(b"SELECT INBOX")
        client.idle()
    return clients


def median_of(measure: Callable[[], float], runs: int) -> float:
    """Of several runs."""
    return statistics.median(measure() for _ in range(runs))
