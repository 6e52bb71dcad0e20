"""`scripts/bench imap-slow`: memory while many clients have asked for 1 GiB each and hardly read it."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from bench.imap import report, stores
from bench.mail import ours
from bench.mail.client import Imap
from bench.mail.letters import letter
from bench.mail.server import Server
from odmail.mailbox.api import Transfer

LARGE = 16 << 20  # octets of one message
FILLED = 4  # accounts
COPIES = 64  # 1 GiB together
SMALL = 2_000  # messages of 32 KiB, which lie in the database
PACE = 0.5  # seconds between two sips
SIP = 16 << 10  # octets

console = Console(stderr=True, highlight=False, width=120)


def fill(root: Path, account: int) -> None:
    """1 GiB in large messages, which cost the disk one, and many small ones."""
    with stores.account(root / "odmail.toml", f"user{account}") as opened:
        stores.into_odmail(opened, "Large", [letter(1, "a@b.example", LARGE)])
        mailbox = opened.mailbox("Large").id
        while (exists := opened.mailbox("Large").exists) < COPIES:
            opened.copy(Transfer(mailbox, [(1, exists)], "Large"))
        stores.into_odmail(opened, "Small", (letter(number, "a@b.example", 32 << 10) for number in range(SMALL)))


def ask(server: Server, reader: int) -> Imap:
    """Somebody who wants everything."""
    client = server.connect(reader % FILLED)
    client.command(b"SELECT " + (b"Small" if reader % 2 else b"Large"))
    client.connection.sendall(b"s FETCH 1:* (BODY.PEEK[])\r\n")
    return client


def watch(server: Server, readers: list[Imap], seconds: float) -> list[float]:
    """MiB of the whole suite, again and again, while the readers sip."""
    found = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for reader in readers:
            reader.connection.recv(SIP)
        found.append(server.memory() / (1 << 20))
        time.sleep(PACE)
    return found


@click.command()
@click.option(
    "--readers", default=100, show_default=True, help="Clients that have asked for a mailbox and hardly read."
)
@click.option("--seconds", default=40.0, show_default=True, help="For how long.")
def main(readers: int, seconds: float) -> None:
    """Be slow."""
    root = Path(tempfile.mkdtemp(prefix="bench-slow-"))
    server = ours.start(root)
    try:
        for account in range(FILLED):
            fill(root, account)
        warm = server.connect(0)
        warm.command(b"SELECT Large")
        start = time.perf_counter()
        warm.command(b"FETCH 1:* (BODY.PEEK[])")
        quick = warm.received / (1 << 20) / (time.perf_counter() - start)
        before = server.memory() / (1 << 20)
        clients = [ask(server, number) for number in range(readers)]
        found = watch(server, clients, seconds)
        for client in clients:
            client.close()
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)
    _report(readers, seconds, before, found, quick)


def _report(readers: int, seconds: float, before: float, found: list[float], quick: float) -> None:
    quarter = len(found) // 4
    headings = ("", "MiB")
    lines = [
        ("memory before (anonymous, all processes)", f"{before:.0f}"),
        (f"most in the first quarter of {seconds:.0f} s, {readers} slow readers", f"{max(found[:quarter]):.0f}"),
        ("most in the last quarter", f"{max(found[-quarter:]):.0f}"),
        ("for each slow reader, at most", f"{(max(found) - before) / readers:.2f}"),
        ("a quick reader gets, each second", f"{quick:.0f}"),
    ]
    console.print(report.table("Slow readers", headings, lines))
    page = [
        "# IMAP, slow readers",
        "",
        f"Measured by `scripts/bench imap-slow` on {report.today()}. {report.machine()}.",
        f"Each of {readers} clients has asked for all bodies over TLS: half of them for 1 GiB in messages of",
        f"16 MiB, half for {SMALL:,} of 32 KiB. Each reads {SIP >> 10} KiB and then nothing for {PACE} s.",
        "",
        *report.markdown(headings, lines),
        "",
    ]
    (report.FOLDER / "imap-slow.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
