"""Listening on a port of this machine as the suite does it."""

from typing import Any

from twisted.internet.protocol import Factory

from odcore.config.types import HostPort
from odcore.net.listen import adopt, open_sockets
from odcore.net.tls import ServerTls


def listen(reactor: Any, factory: Factory, tls: ServerTls | None = None, port: int = 0) -> Any:
    """Twisted's port; with `tls`, TLS begins with the first octet."""
    [opened] = open_sockets([HostPort(f"127.0.0.1:{port}")])
    return adopt(reactor, opened.detach(), factory, tls)
