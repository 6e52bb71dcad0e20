"""The measurements: each takes a server and gives a number, the same way for every server."""

import subprocess
import time

from bench.mail.client import Imap
from bench.mail.letters import SIZE, letter
from bench.mail.server import HOST, Server, cpu_seconds

_PATIENCE = 600


def travel(server: Server, sessions: int, messages: int) -> dict[str, float]:
    """Messages a second from the first connection to the last message in its mailbox, spread over all accounts.

    With it the CPU time that each process used for a message, in microseconds.
    """
    each = max(1, messages // len(server.logins))
    total = each * len(server.logins)
    wanted = server.arrived() + total
    spent, start = cpu_seconds(server.pids()), time.perf_counter()
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
    found = {f"travel{sessions}": total / (time.perf_counter() - start)}
    for name, seconds in cpu_seconds(server.pids()).items():
        found[f"cpu{sessions} {name}"] = (seconds - spent.get(name, 0.0)) / total * 1e6
    return found


def _source(server: Server, login: str, messages: int) -> "subprocess.Popen[bytes]":
    """`smtp-source`: one session after another, a connection for each message, as mail from many servers comes."""
    words = ["smtp-source", "-4", "-s", "1", "-m", str(messages), "-l", str(SIZE), "-f", "sender@elsewhere.example"]
    return subprocess.Popen([*words, "-t", login, f"inet:{HOST}:{server.mx}"], stderr=subprocess.PIPE)


def _finish(process: "subprocess.Popen[bytes]") -> None:
    _, errors = process.communicate(timeout=_PATIENCE)
    if process.returncode:
        raise SystemExit(f"smtp-source: {errors.decode(errors='replace')}")


def append(server: Server, mailbox: bytes, messages: int) -> float:
    """APPENDs a second, one after the other on one connection."""
    letters = [letter(number, server.logins[0]) for number in range(messages)]
    client = server.connect()
    start = time.perf_counter()
    for octets in letters:
        client.append(mailbox, octets)
    rate = messages / (time.perf_counter() - start)
    client.close()
    return rate


def select(server: Server, mailbox: bytes) -> float:
    """Milliseconds of a SELECT on a fresh connection."""
    client = server.connect()
    took = client.timed(b"SELECT " + mailbox)
    client.close()
    return took * 1000


def bulk(server: Server, mailbox: bytes, command: bytes, messages: int) -> float:
    """Messages a second of a command that touches the whole mailbox."""
    client = server.connect()
    client.command(b"SELECT " + mailbox)
    took = client.timed(command)
    client.close()
    return messages / took


def idle_memory(server: Server, connections: int, *, loaded: int) -> float:
    """KiB of PSS that each connection adds which has INBOX selected and sits in IDLE.

    `loaded` are open before it counts: what is loaded once for each account and process is not a connection's.
    """
    clients = _idle(server, loaded)
    time.sleep(1)
    before = server.memory()
    clients += _idle(server, connections)
    time.sleep(1)
    after = server.memory()
    for client in clients:
        client.close()
    time.sleep(1)
    return (after - before) / connections / 1024


def _idle(server: Server, connections: int) -> list[Imap]:
    clients = [
        server.connect(number % len(server.logins), f"127.0.0.{number // 50 % 250 + 1}")
        for number in range(connections)
    ]
    for client in clients:
        client.command(b"SELECT INBOX")
        client.idle()
    return clients
