"""Listening sockets: opened once by the supervisor, adopted by each worker; and limits on connections."""

import errno
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from twisted.internet.interfaces import IListeningPort, IReactorSocket
from twisted.internet.protocol import Factory

from odcore import clock
from odcore.config.types import HostPort
from odcore.errors import Fault, Kind
from odcore.net.networks import network_of
from odcore.net.reactor import PromptReactor
from odcore.net.tls import ServerTls
from odcore.net.transport import ServerTransport

_HERE = ("127.", network_of("::1"), network_of(""))
"""How the networks of this machine begin."""

_BACKLOG = 1024

_HINTS = {
    errno.EADDRINUSE: ". Another program does; `ss -ltnp` tells which.",
    errno.EACCES: ". Below 1024 that takes root or CAP_NET_BIND_SERVICE.",
    errno.EADDRNOTAVAIL: ". This machine has no such address.",
}


def open_sockets(addresses: Sequence[HostPort]) -> list[socket.socket]:
    """One listening socket for each address, `*` as one for both families. Fault IN_USE names the address."""
    opened: list[socket.socket] = []
    try:
        for address in addresses:
            opened.append(_open(address))
    except OSError as error:
        for each in opened:
            each.close()
        hint = _HINTS.get(error.errno or 0, "")
        raise Fault(Kind.IN_USE, f"cannot listen on {address}: {error.strerror}{hint}") from error
    return opened


def is_free(address: HostPort) -> bool:
    """Could a server listen there now?"""
    try:
        _open(address).close()
    except OSError:
        return False
    return True


def adopt(
    reactor: IReactorSocket,
    descriptor: int,
    factory: Factory,
    tls: ServerTls | None = None,
    *,
    shared: bool = False,
) -> IListeningPort:
    """Serve connections of an inherited listening socket; with `tls`, TLS begins with the first octet.

    `shared`: connections are short and other processes serve them, too (see `PromptReactor.share`).
    """
    with socket.socket(fileno=descriptor) as inherited:
        family = inherited.family
        inherited.setblocking(False)
        port: Any = reactor.adoptStreamPort(inherited.fileno(), family, factory)  # type: ignore[arg-type]
        port.transport = partial(ServerTransport, tls=tls)
        if shared and isinstance(reactor, PromptReactor):
            reactor.share(port)
        return port  # type: ignore[no-any-return]


class Admission:
    """Counts open connections: `total` of all, `each` from one network address (an IPv6 /64 counts as one).

    With `per_minute` it also counts how many came from one network within a minute, those of this machine apart.
    """

    def __init__(self, total: int, each: int, per_minute: int = 0, now: Callable[[], float] = clock.monotonic) -> None:
        self._total = total
        self._each = each
        self._per_minute = per_minute
        self._now = now
        self._open = 0
        self._by_network: dict[str, int] = {}
        self._minute = 0.0
        self._came: dict[str, int] = {}

    def admit(self, address: str) -> bool:
        """May one more connection from `address` come in? When True, `leave` must follow at its end."""
        network = network_of(address)
        here = self._by_network.get(network, 0)
        if self._open >= self._total or here >= self._each or not self._in_time(network, 1):
            return False
        self._open += 1
        self._by_network[network] = here + 1
        return True

    def burden(self, address: str, weight: int) -> None:
        """What somebody did counts as `weight` connections more of this minute."""
        self._in_time(network_of(address), weight)

    def _in_time(self, network: str, weight: int) -> bool:
        if not self._per_minute or network.startswith(_HERE):
            return True
        now = self._now()
        if now - self._minute >= 60:
            self._minute, self._came = now, {}
        self._came[network] = self._came.get(network, 0) + weight
        return self._came[network] <= self._per_minute

    def close(self) -> None:
        """From now on nobody comes in."""
        self._total = 0

    def leave(self, address: str) -> None:
        """A connection that had been admitted has ended."""
        network = network_of(address)
        self._open -= 1
        here = self._by_network[network] - 1
        if here:
            self._by_network[network] = here
        else:
            del self._by_network[network]


def _open(address: HostPort) -> socket.socket:
    anywhere = address.host == "*"
    family = socket.AF_INET6 if anywhere or ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not anywhere)
        listener.bind(("::" if anywhere else address.host, address.port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener
