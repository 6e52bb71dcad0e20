"""A web worker: everything HTTPS, on the listening sockets it inherits. It has threads and no reactor."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from odcore.bus.api import DirectoryChanged
from odcore.bus.thread import ThreadBus
from odcore.errors import Fault
from odcore.identity.throttle import Tried
from odcore.net.tls import KeyPair
from odsuite import web
from odsuite.build import Parts
from odsuite.http_server import HttpServer
from odsuite.process import ProcessReady, certificate_paths, prepared
from odsuite.settings import Settings

log = structlog.get_logger()

_LINK = 5.0  # seconds to wait for the bus at the start
_TLS_LOOK = 5.0  # seconds between looks at the certificate files


def run(name: str, settings: Settings, descriptor: int) -> None:
    """Until SIGTERM, or until there is a new certificate: then the supervisor starts another in its place."""
    bus = ThreadBus(settings.bus)
    parts = Parts(settings, bus.publish)
    bus.subscribe(DirectoryChanged, lambda changed: parts.directory.changed(frozenset(changed.ids)))
    bus.subscribe(Tried, parts.throttle.heard)
    with contextlib.closing(parts):
        certificate, key = certificate_paths(settings)[0]
        server = HttpServer(web.gateway(parts), certificate, key)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: server.stop())
        bus.start(_LINK)
        _watch(KeyPair(certificate, key))
        bus.publish(ProcessReady(name, os.getpid()))
        server.run(descriptor)
        bus.stop()


def _watch(pair: KeyPair) -> None:
    """End this process in good order once the certificate's files have changed."""
    ended = threading.Event()
    before = pair.stamp()

    def look() -> None:
        while not ended.wait(_TLS_LOOK):
            with contextlib.suppress(OSError):  # being replaced right now
                if pair.stamp() != before:
                    log.info("certificate-reloaded", certificate=str(pair.certificate))
                    os.kill(os.getpid(), signal.SIGTERM)  # the server may be stopped from the main thread only
                    return

    threading.Thread(target=look, name="certificate", daemon=True).start()


def main(name: str, config: Path, sockets: Sequence[tuple[str, int]]) -> None:
    """As the nursery calls it: one process serves one socket."""
    settings = prepared(name, config)
    try:
        run(name, settings, sockets[0][1])
    except Fault as fault:
        log.error("start-failed", reason=fault.text)
        sys.exit(1)
