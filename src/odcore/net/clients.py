"""All connections of one protocol in a process: one clock looks at each of them every few seconds."""

from abc import abstractmethod
from typing import Any, Generic, TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import LoopingCall

from odcore import clock
from odcore.net.client import ClientConnection
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls

C = TypeVar("C", bound=ClientConnection[Any])

TICK = 3.0


class Clients(Generic[C]):
    """`tls` serves STARTTLS and its like; where TLS comes first, `factory(secure=True)` is listened for with it."""

    def __init__(self, reactor: IReactorTime, tls: ServerTls | None, admission: Admission) -> None:
        self.tls = tls
        self.admission = admission
        self.connections: set[C] = set()
        self._clock = LoopingCall(self._tick)
        self._clock.clock = reactor

    @abstractmethod
    def connection(self, secure: bool) -> C:
        """One that begins, inside TLS or not."""

    def factory(self, *, secure: bool) -> ServerFactory:
        """For a listening socket; `secure` where TLS comes first."""
        return _Factory(self, secure)

    def start(self) -> None:
        """Start the clock."""
        self._clock.start(TICK, now=False)

    def stop(self) -> None:
        """Say good-bye to everybody and take nobody in any more."""
        self.admission.close()
        if self._clock.running:
            self._clock.stop()
        for connection in tuple(self.connections):
            connection.dismiss()

    def _tick(self) -> None:
        now = clock.monotonic()
        for connection in tuple(self.connections):
            connection.tick(now)


class _Factory(ServerFactory):
    noisy = False

    def __init__(self, clients: Clients[Any], secure: bool) -> None:
        self._clients = clients
        self._secure = secure

    def buildProtocol(self, addr: object) -> ClientConnection[Any]:
        """One for each connection."""
        connection: ClientConnection[Any] = self._clients.connection(self._secure)
        return connection
