"""A process with nothing but the SMTP services, on ports of its own choice: `python -m odtest.smtp_node FOLDER`.

Prints one line of JSON with the ports, then serves until its standard input ends.
"""

import json
import sys
from pathlib import Path

from twisted.internet import stdio
from twisted.internet.protocol import Protocol

from odcore.net.hop import Hop
from odcore.net.reactor import process_reactor
from odcore.net.tls import ServerTls
from odmail.smtp.ports import House
from odmail.smtp.server import SmtpFactory
from odmail.smtp.settings import ServerSettings
from odtest.imap_node import certificate
from odtest.listening import listen
from odtest.smtp import SERVICES, Doorman, Gate

reactor = process_reactor()


class Until(Protocol):
    def connectionLost(self, reason: object = None) -> None:
        reactor.stop()


def main(folder: Path) -> None:
    tls, hop, gate, ports = ServerTls([certificate(folder)]), Hop(reactor, 4), Gate(), {}
    gate.max_size = 64 << 20
    for name, service in SERVICES.items():
        house = House("mx.odisha.example", service, gate, Doorman(), starttls=not service.implicit_tls)
        factory = SmtpFactory(house, ServerSettings(connections_per_address=8), hop, reactor, tls)
        ports[name] = listen(reactor, factory, tls if service.implicit_tls else None).getHost().port
    print(json.dumps(ports), flush=True)
    stdio.StandardIO(Until())
    reactor.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
