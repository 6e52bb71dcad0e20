"""A process with nothing but the IMAP service, on ports of its own choice: `python -m odtest.imap_node FOLDER`.

Prints one line of JSON with the ports and the certificate's path, then serves until its standard input ends. A line on
standard input is an event: "handover", "disable", "stop", "rss".
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import stdio
from twisted.protocols.basic import LineOnlyReceiver

from odcore import clock
from odcore.bus.api import DirectoryChanged
from odcore.identity.presence import Presence
from odcore.kept import Kept
from odcore.net.client import caller
from odcore.net.hop import Hop
from odcore.net.reactor import process_reactor
from odcore.net.tls import KeyPair, ServerTls
from odcore.sharing.access import DirectorySharing
from odcore.sharing.register import SqliteRegister
from odmail.imap.ports import House, Watch
from odmail.imap.server import ImapService
from odmail.imap.settings import ImapSettings
from odmail.mailbox.store import Store
from odtest.house import BIBHU, COLLECTOR, SASMITA, Department
from odtest.listening import listen

reactor = process_reactor()


def certificate(folder: Path) -> KeyPair:
    """A certificate for localhost, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pair = KeyPair(folder / "certificate.pem", folder / "key.pem")
    pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pair.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pair


class LocalBus:
    """The bus of one process."""

    def __init__(self) -> None:
        self._calls: dict[type, list] = {}

    def publish(self, message: object) -> None:
        reactor.callFromThread(self._tell, message)

    def _tell(self, message: object) -> None:
        for call in tuple(self._calls.get(type(message), ())):
            call(message)

    def subscribe(self, kind: type, call: object) -> object:
        self._calls.setdefault(kind, []).append(call)
        return lambda: self._calls[kind].remove(call)


class Events(LineOnlyReceiver):
    """What the test wants to happen."""

    delimiter = b"\n"

    def __init__(self, department: Department, bus: LocalBus, service: ImapService) -> None:
        self.department, self.bus, self.service = department, bus, service

    def lineReceived(self, line: bytes) -> None:
        word = line.decode()
        if word == "handover":
            self.department.held = {SASMITA.id: [], BIBHU.id: [COLLECTOR]}
            self.bus.publish(DirectoryChanged((COLLECTOR.id,)))
        elif word == "disable":
            self.department.disabled.add(SASMITA.id)
            self.bus.publish(DirectoryChanged((SASMITA.id,)))
        elif word == "stop":
            self.service.stop()
        elif word == "rss":
            memory = Path("/proc/self/smaps_rollup").read_text().partition("Pss:")[2].split()[0]
            told = {"pss": int(memory), "open": len(self.service.connections), "cpu": time.process_time()}
            self.service._tick()
            self.sendLine(json.dumps({**told, "tick": time.process_time() - told["cpu"]}).encode())

    def connectionLost(self, reason: object) -> None:
        if reactor.running:
            reactor.stop()


def main(folder: Path, settings: ImapSettings) -> None:
    """Serve."""
    bus, hop, department = LocalBus(), Hop(reactor, 4), Department()
    store = Store(folder / "accounts", bus.publish)
    house = House(
        settings=settings,
        sign_in=department,
        access=department,
        sharing=DirectorySharing(department, SqliteRegister(folder / "sharing", bus.publish), department),
        open=lambda one: store.open(one.id),
        call=caller(hop),
        watch=Watch(),
        record=lambda *_, **__: None,
        keep=Kept(1 << 20),
        presence=Presence(settings.max_connections),
    )
    pair = certificate(folder)
    tls = ServerTls([pair])
    service = ImapService(house, bus, reactor, tls)
    plain = listen(reactor, service.factory(secure=False))
    trusted = listen(reactor, service.factory(secure=True))  # as behind a TLS proxy
    implicit = listen(reactor, service.factory(secure=True), tls)
    service.start()
    print(
        json.dumps(
            {
                "imap": plain.getHost().port,
                "imaps": implicit.getHost().port,
                "trusted": trusted.getHost().port,
                "ca": str(pair.certificate),
            }
        ),
        flush=True,
    )
    stdio.StandardIO(Events(department, bus, service))
    reactor.run()
    hop.stop(2)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), ImapSettings(**json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}))
