"""A process with nothing but the SMTP services, on ports of its own choice: `python -m odtest.smtp_node FOLDER`.

Prints one line of JSON with the ports, then serves until its standard input ends.
"""

import json
import sys
from pathlib import Path

from twisted.internet import reactor, stdio
from twisted.internet.protocol import Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory

from odcore.net.hop import Hop
from odcore.net.tls import ServerTls
from odmail.smtp.ports import House
from odmail.smtp.server import SmtpFactory
from odmail.smtp.settings import ServerSettings
from odtest.imap_node import certificate
from odtest.smtp import SERVICES, Doorman, Gate


class Until(Protocol):
    def connectionLost(self, reason: object = None) -> None:
        reactor.stop()


def main(folder: Path) -> None:
    tls, hop, gate, ports = ServerTls([certificate(folder)]), Hop(reactor, 4), Gate(), {}
    gate.max_size = 64 << 20
    for name, service in SERVICES.items():
        house = House("mx.odisha.example", service, gate, Doorman(), starttls=not service.implicit_tls)
        factory = SmtpFactory(house, ServerSettings(connections_per_address=8), hop, reactor, tls)
        served = TLSMemoryBIOFactory(tls, False, factory) if service.implicit_tls else factory
        ports[name] = reactor.listenTCP(0, served, interface="127.0.0.1").getHost().port
    print(json.dumps(ports), flush=True)
    stdio.StandardIO(Until())
    reactor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
