"""Debian's unbound, validating: a signed zone that it knows the key of, and one that nobody has signed.  RFC 4035"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.dnssec
import dns.dnssectypes
import dns.rdataset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

from odcore.errors import Fault
from odcore.net.dns import Dns
from odtest.daemon import free_port, until

SIGNED, UNSIGNED = "signed.example", "unsigned.example"

_CONFIG = """\
server:
  interface: 127.0.0.1@{port}
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/log"
  do-daemonize: no
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
remote-control:
  control-enable: no
"""
_ZONE = """\
auth-zone:
  name: "{name}"
  zonefile: "{folder}/{name}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
"""


@contextmanager
def resolving(
    signed: dict[tuple[str, str], str], unsigned: dict[tuple[str, str], str], forged: dict[tuple[str, str], str]
) -> Iterator[Dns]:
    """Records by name, relative to its zone, and type. `forged` replace those of the signed zone after its signing."""
    with tempfile.TemporaryDirectory(prefix="od") as root:
        folder, port = Path(root), free_port()
        zone = _zone(SIGNED, signed)
        anchor = _sign(zone)
        for (name, kind), value in forged.items():
            zone.find_rdataset(name, kind).clear()
            zone.find_rdataset(name, kind).update(dns.rdataset.from_text("IN", kind, 300, value))
        for each in (zone, _zone(UNSIGNED, unsigned)):
            each.to_file(str(folder / each.origin.to_text(omit_final_dot=True)), relativize=False)
        zones = "".join(_ZONE.format(name=name, folder=folder) for name in (SIGNED, UNSIGNED))
        (folder / "conf").write_text(_CONFIG.format(port=port, folder=folder, anchor=anchor) + zones)
        resolver = Dns((f"127.0.0.1:{port}",), seconds=10)
        process = subprocess.Popen(["unbound", "-c", folder / "conf"], stderr=subprocess.DEVNULL)
        try:
            until(lambda: _answers(port), lambda: (folder / "log").read_text())
            yield resolver
        finally:
            process.terminate()
            process.wait(20)


def _zone(name: str, records: dict[tuple[str, str], str]) -> dns.zone.Zone:
    lines = [f"$ORIGIN {name}.", "$TTL 300", f"@ SOA ns.{name}. root.{name}. 1 3600 600 86400 300", f"@ NS ns.{name}."]
    lines += ["ns A 192.0.2.53", *(f"{owner} {kind} {value}" for (owner, kind), value in records.items())]
    return dns.zone.from_text("\n".join(lines) + "\n", name, relativize=False)


def _sign(zone: dns.zone.Zone) -> str:
    """The trust anchor."""
    key = ec.generate_private_key(ec.SECP256R1())
    record = dns.dnssec.make_dnskey(key.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, flags=257)
    now = time.time()
    dns.dnssec.sign_zone(zone, keys=[(key, record)], dnskey_ttl=300, inception=now - 3600, expiration=now + 86400)
    return f"{zone.origin} DNSKEY {record.to_text()}"


def _answers(port: int) -> bool:
    try:
        return bool(Dns((f"127.0.0.1:{port}",), seconds=1).has_secure_mx(SIGNED))
    except Fault:
        return False
