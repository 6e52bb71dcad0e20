"""`scripts/bench queue`: how fast the living get their mail while half of all destinations do not answer.

Everything is odmail's own and real (queue, pipeline, lanes, sender, sockets) but the DNS, which is a table, and the
world: the living are Postfix's `smtp-sink`, the dead a socket whose backlog is full, so that a connection neither opens
nor fails.
"""

import os
import platform
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import structlog
from msgspec.structs import replace

from bench.mail.server import await_port, free_ports
from odcore.blob.incoming import Memory
from odmail.delivery.ports import Host, Outcome, Shipment
from odmail.queue.api import Accept
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odmail.smtp.sender import Sender
from odmail.smtp.settings import SenderSettings
from odtest.postroom import PostRoom

BODY = b"From: a@odisha.example\r\nSubject: hello\r\n\r\n" + (b"x" * 76 + b"\r\n") * 40
REPORT = Path(__file__).resolve().parents[3] / "docs" / "bench" / "queue.md"


class World:
    """The sender, led to this machine: the domain says whether anybody is there."""

    def __init__(self, sender: Sender, living: int, dead: int) -> None:
        self._sender = sender
        self._ports = {"living": living, "dead": dead}
        self._lock = threading.Lock()
        self.delivered: list[float] = []

    def send(self, shipment: Shipment) -> tuple[Outcome, ...]:
        """As `odmail.delivery.ports.RemoteSender`."""
        name = shipment.hosts[0].name
        host = Host(name, ("127.0.0.1",), self._ports[name.partition("-")[0]])
        outcomes = self._sender.send(replace(shipment, hosts=(host,)))
        if outcomes[0].status is Status.DELIVERED:
            with self._lock:
                self.delivered.append(time.monotonic())
        return outcomes


def drained(folder: Path, world: World, messages: int, domains: list[str]) -> tuple[float, float]:
    """Seconds until the living have all, and the processor time of this process meanwhile."""
    room = PostRoom(folder)
    room.peers = world
    room.names.hosts |= dict.fromkeys(domains, ("192.0.2.1",))
    for number in range(messages):
        domain = domains[number % len(domains)]
        envelope = Envelope("a@odisha.example", (Recipient(f"u{number}@{domain}"),))
        room.queue.accept_soon(Accept(envelope, Origin("mx"), Memory(BODY)), lambda _: None)
    room.queue._arrivals.close()
    wanted = sum(domains[number % len(domains)].startswith("living") for number in range(messages))
    pipeline, remote = room.pipeline()
    thread = threading.Thread(target=pipeline.run)
    begun, cpu = time.monotonic(), time.process_time()
    thread.start()
    while len(world.delivered) < wanted:
        time.sleep(0.05)
    took, spent = time.monotonic() - begun, time.process_time() - cpu
    pipeline.stop()
    thread.join()
    remote.close()
    assert len(world.delivered) == wanted  # nobody twice
    room.close()
    return took, spent


def black_hole() -> list[socket.socket]:
    """Listens and is full: what comes is left unanswered."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    full = [listener]
    while True:
        client = socket.socket()
        client.settimeout(1.0)
        full.append(client)
        try:
            client.connect(listener.getsockname())
        except TimeoutError:
            return full


@click.command()
@click.option("--messages", default=100_000, show_default=True)
@click.option("--destinations", default=5_000, show_default=True)
@click.option("--write/--no-write", default=True, help="Write docs/bench/queue.md.")
def main(messages: int, destinations: int, write: bool) -> None:
    """Once with the living alone, once with as many dead among them."""
    from twisted.internet import reactor

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    load = os.getloadavg()[0]  # of others
    hole = black_hole()
    port = free_ports(["sink"])["sink"]
    sink = subprocess.Popen(
        ["smtp-sink", "-m", "5000", "-u", "nobody", "-c", f"127.0.0.1:{port}", "1000"], stdout=subprocess.DEVNULL
    )
    await_port(port, sink)
    threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True).start()
    root = Path(tempfile.mkdtemp(prefix="bench-queue-"))
    figures = {}
    try:
        half = destinations // 2
        living = [f"living-{number}.example" for number in range(half)]
        mixed = [f"{('living', 'dead')[number % 2]}-{number // 2}.example" for number in range(destinations)]
        for name, count, domains in (("alone", messages // 2, living), ("mixed", messages, mixed)):
            sender = Sender(SenderSettings(), "mail.odisha.example", reactor)
            world = World(sender, port, hole[0].getsockname()[1])
            figures[name] = drained(root / name, world, count, domains)
            print(f"{name}: {figures[name][0]:.0f} s, {figures[name][1]:.0f} s of CPU", flush=True)
    finally:
        sink.kill()
        shutil.rmtree(root, ignore_errors=True)
    if write:
        REPORT.write_text(report(messages, destinations, load, figures))
    os._exit(0)  # the reactor and its thread have nothing left to do


def report(messages: int, destinations: int, load: float, figures: dict[str, tuple[float, float]]) -> str:
    (alone, alone_cpu), (mixed, mixed_cpu) = figures["alone"], figures["mixed"]
    half = messages // 2
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, load {load:.1f} before"
    rows = (
        (f"{half:,} messages to {destinations // 2:,} living destinations alone", alone, alone_cpu),
        ("the same with as many to the dead in between", mixed, mixed_cpu),
    )
    table = "\n".join(f"| {name} | {took:.0f} s | {half / took:.0f} | {cpu:.0f} s |" for name, took, cpu in rows)
    return f"""# A queue half of whose destinations are dead

Measured by `scripts/bench queue` on {day}: {messages:,} messages of 3 KiB to {destinations:,} destinations, of which
every second one neither opens nor refuses a connection. Machine: {machine}. Queue, pipeline and sender are
real, in one process; the living are one `smtp-sink`, the DNS is a table.

|  | time | messages/s to the living | CPU |
|---|---:|---:|---:|
{table}

A destination nobody has answered for within the hour is visited by one scout (500 at a time, 4 seconds of patience the
first time); those that answer have the `[delivery] at_once` conversations to themselves (`odmail.delivery.lanes`). What
finds no room in memory is fetched from the queue as soon as there is some (`odmail.delivery.parking`).
"""


if __name__ == "__main__":
    main()
