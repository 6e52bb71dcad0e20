"""What the measurements need to know of a mail system, whichever it is."""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.mail.client import Imap

HOST = "127.0.0.1"
ACCOUNTS = 20


@dataclass
class Server:
    """A running mail system with ACCOUNTS accounts."""

    name: str
    mx: int  # SMTP port
    imaps: int  # IMAP port, TLS
    logins: Sequence[str]  # also the addresses
    password: str
    pids: Callable[[], list[int]]
    arrived: Callable[[], int]  # messages in all INBOXes
    stop: Callable[[], None]
    https: int = 0  # port, of whoever has pages, calendars and files
    submissions: int = 0  # port of signed-in senders, TLS

    def connect(self, account: int = 0, source: str = HOST) -> Imap:
        """A signed-in IMAP client, from any loopback address."""
        plain = socket.create_connection((HOST, self.imaps), timeout=120, source_address=(source, 0))
        client = Imap(unverified().wrap_socket(plain))
        client.command(b'LOGIN "%b" "%b"' % (self.logins[account].encode(), self.password.encode()))
        return client

    def memory(self) -> int:
        """Anonymous PSS of all its processes, in octets: file pages are shared with whatever else runs here."""
        return sum(map(_pss, self.pids()))


@cache
def unverified() -> ssl.SSLContext:
    """For clients: TLS that believes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is made for this run, on loopback
    return context


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    except (OSError, ProcessLookupError):
        pass  # it ended while we looked
    return 0


def cpu_seconds(pids: Sequence[int]) -> dict[str, float]:
    """What processes have used so far by the name of each, with those they started and that have ended."""
    found: dict[str, float] = {}
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            title = Path(f"/proc/{pid}/cmdline").read_text().partition("\0")[0]
        except OSError:
            continue
        name = title.partition("odmail: ")[2].rstrip("-0123456789") or "other"
        found[name] = found.get(name, 0.0) + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return found


def family(root: int) -> list[int]:
    """A process and all it started."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """A port for each that nobody listens on now."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            probe = stack.enter_context(socket.socket())
            probe.bind((HOST, 0))
            found[name] = int(probe.getsockname()[1])
        return found


def await_port(port: int, process: "subprocess.Popen[bytes]", seconds: float = 60) -> None:
    """Until something accepts there; fails when the process ends or does not come up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((HOST, port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}: {process.args!r}")
