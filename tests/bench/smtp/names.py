"""The DNS of the run: Debian's unbound, which knows the senders and nobody else, on port 53 of a loopback address."""

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.exception
import dns.resolver

from odtest.daemon import until

ADDRESS = "127.9.9.53"

_CONFIG = """\
server:
  interface: {address}
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/log"
  do-daemonize: no
  do-ip6: no
  module-config: "iterator"
  local-zone: "." static
  local-zone: "127.in-addr.arpa." static
"""


@contextmanager
def serving(folder: Path, records: Iterable[str]) -> Iterator[None]:
    """Answers; `records` are lines of a zone file."""
    folder.mkdir()
    lines = [f"  local-data: '{owner} 3600 IN {rest}'\n" for owner, rest in (each.split(" ", 1) for each in records)]
    (folder / "conf").write_text(_CONFIG.format(address=ADDRESS, folder=folder) + "".join(lines))
    process = subprocess.Popen(["unbound", "-c", folder / "conf"])
    try:
        until(_answers, "an answer of unbound", 30)
        yield
    finally:
        process.terminate()
        process.wait(20)


def in_a_world_of_its_own(folder: Path) -> tuple[str, ...]:
    """The words before a command that make it ask this DNS, whatever the machine's /etc/resolv.conf says."""
    (folder / "resolv.conf").write_text(f"nameserver {ADDRESS}\n")
    script = f'mount --bind {folder}/resolv.conf /etc/resolv.conf && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, "sh")


def _answers() -> bool:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [ADDRESS]
    try:
        return bool(resolver.resolve("sender0.example", "TXT", lifetime=1))
    except dns.exception.DNSException:
        return False
