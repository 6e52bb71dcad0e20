"""odmail as `odmail serve` runs it: defaults, private slapd, twenty people."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.mail.client import Imap
from bench.mail.server import ACCOUNTS, Server, await_port, family, free_ports
from odcore.directory.ops.domain import AddDomain, add_domain
from odcore.directory.ops.person import AddPerson, add_person
from odsuite import certs, loopback
from odsuite.cli.context import Context

DOMAIN = "bench.example"
PASSWORD = "bench-odmail-2026"


def start(root: Path, settings: Mapping[str, str] = {}) -> Server:
    """The suite, running; `settings` are values in TOML by the name of a setting."""
    config = root / "odmail.toml"
    ports = free_ports(loopback.PORTS)
    loopback.write(config, ports)
    config.write_text(_changed(config.read_text(encoding="utf-8"), settings), encoding="utf-8")
    certs.ensure(root / "tls", loopback.NAMES)
    odmail = Path(sys.executable).with_name("odmail")
    with (root / "log").open("wb") as log:
        process = subprocess.Popen([odmail, "--config", config, "serve"], stdout=log, stderr=log)
    for service in ("ldap", "imaps", "mx", "submissions", "https"):
        await_port(ports[service], process)
    logins = _people(config)

    def stop() -> None:
        process.terminate()
        process.wait(60)

    server = Server(
        name="odmail",
        mx=ports["mx"],
        imaps=ports["imaps"],
        logins=logins,
        password=PASSWORD,
        pids=lambda: family(process.pid),
        arrived=lambda: 0,
        stop=stop,
        https=ports["https"],
        submissions=ports["submissions"],
    )
    server.arrived = _Arrivals(server)
    return server


def _changed(text: str, settings: Mapping[str, str]) -> str:
    for name, value in settings.items():
        text, found = re.subn(f"^#?{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        if found != 1:
            raise SystemExit(f"the configuration has {found} settings of the name {name}")
    return text


def _people(config: Path) -> list[str]:
    context = Context(config)
    try:
        add_domain(context.admin, AddDomain(name=DOMAIN))
        for number in range(ACCOUNTS):
            wanted = AddPerson(
                uid=f"user{number}",
                given_name="User",
                family_name=str(number),
                password=PASSWORD,
                addresses=(f"user{number}@{DOMAIN}",),
            )
            add_person(context.admin, wanted)
    finally:
        context.close()
    return [f"user{number}@{DOMAIN}" for number in range(ACCOUNTS)]


class _Arrivals:
    """Counts by STATUS on connections kept for it, as nothing else tells from outside."""

    def __init__(self, server: Server) -> None:
        self._connect: Callable[[int], Imap] = server.connect
        self._clients: list[Imap] = []

    def __call__(self) -> int:
        if not self._clients:
            self._clients = [self._connect(number) for number in range(ACCOUNTS)]
        return sum(_messages(client) for client in self._clients)


def _messages(client: Imap) -> int:
    answer = client.command(b"STATUS INBOX (MESSAGES)")
    return int(answer.partition(b"MESSAGES ")[2].split(b")", 1)[0])
