"""The configuration of a demonstration: everything on loopback, on high ports that are free."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from odcore import disk
from odcore.config.explain import example
from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odcore.net.listen import is_free
from odsuite.settings import Settings

HOST = "127.0.0.1"

DOMAIN, SECOND = "odisha.example", "ocac.example"

HOSTNAME = f"mail.{DOMAIN}"

NAMES = (HOSTNAME, "localhost", HOST, "::1", *(f"mta-sts.{domain}" for domain in (DOMAIN, SECOND)))
"""What the demonstration's certificate is for."""

PORTS: Mapping[str, int] = {
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "submission": 587,
    "submissions": 465,
    "mx": 25,
    "lmtp": 24,
    "managesieve": 4190,
    "https": 443,
    "ldaps": 636,
    "ldap": 389,
    "status": 990,
    "sink": 26,
}
"""Well-known ports; the demonstration adds an offset."""

_STEP = 100  # where a port is taken, the next try


def choose(offset: int) -> dict[str, int]:
    """A free port for each service."""
    chosen: dict[str, int] = {}
    for service, port in PORTS.items():
        chosen[service] = next(each for each in _candidates(port + offset) if each not in chosen.values())
    return chosen


def write(path: Path, ports: Mapping[str, int]) -> None:
    """The demonstration's configuration file; its folder is the data folder."""
    given: dict[str, object] = {
        "hostname": HOSTNAME,
        "data": ".",
        "log.style": "console",
        "directory.port": ports["ldap"],
        "delivery.relay": HostPort(f"{HOST}:{ports['sink']}"),
    }
    for service in (
        "imap",
        "imaps",
        "pop3",
        "pop3s",
        "submission",
        "submissions",
        "mx",
        "lmtp",
        "managesieve",
        "ldaps",
        "https",
        "status",
    ):
        given[f"listen.{service}"] = [HostPort(f"{HOST}:{ports[service]}")]
    given["sink.listen"] = [HostPort(f"{HOST}:{ports['sink']}")]
    disk.make_folder(path.parent)
    path.write_text("# Written by `odmail demo` at each start.\n\n" + example(Settings, given), encoding="utf-8")


def _candidates(port: int) -> Iterator[int]:
    found = (each for each in range(port, 65536, _STEP) if is_free(HostPort(f"{HOST}:{each}")))
    yield from found
    raise Fault(Kind.IN_USE, f"no free port found from {port} on")
