"""The server's end of a connection: octets as they are, or TLS straight on the socket.  RFC 8446

What a connection costs is for the most part what lies between the socket and its protocol, so here is one layer only.
OpenSSL reads and writes the socket itself, without memory buffers between; an answer that is written in pieces within
one turn of the event loop leaves as one record at the end of that turn; and nothing is asked of the event loop as long
as the socket takes what is written.
"""

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IHandshakeListener, IReactorFDSet, ISSLTransport
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Server
from twisted.python.failure import Failure
from zope.interface import alsoProvides

from odcore.net.reactor import PromptReactor
from odcore.net.tls import ServerTls

_RECORD = 16384
"""The most one record holds. OpenSSL gives one record at a time: who asks for as much leaves nothing behind in it."""

_AT_ONCE = 4
"""Full records read in one turn."""

_DONE = Failure(CONNECTION_DONE)  # type: ignore[no-untyped-call]


class ServerTransport(Server):
    """Twisted's transport as protocols know it. With `tls`, TLS begins with the first octet.

    After `loseConnection` nothing more is taken. What was written goes out first, then close_notify and FIN, and the
    connection ends with the client's. It sets no time for that, nor for a handshake: the owner of all connections does.
    """

    _tls: SSL.Connection | None = None
    _coming: ServerTls | None = None  # TLS begins when what is written already is out
    _shaken = False
    _gathering = False  # what is written goes out at the end of this turn
    _read_later = False  # OpenSSL must write before it can read on
    _parted = False  # the last is said: only the client's end is waited for

    def __init__(
        self,
        sock: socket.socket,
        protocol: Protocol,
        client: Any,
        port: Any,
        number: int,
        reactor: IReactorFDSet,
        tls: ServerTls | None = None,
    ) -> None:
        super().__init__(sock, protocol, client, port, number, reactor)
        if tls is not None:
            self._begin_tls(tls)

    # What protocols call.

    def getHandle(self) -> Any:
        """The TLS connection, or the socket; None once it is lost."""
        return self._tls or getattr(self, "socket", None)

    def getPeerCertificate(self) -> Any:
        """See ISSLTransport."""
        return self._tls.get_peer_certificate() if self._tls is not None else None

    def startTLS(self, contextFactory: Any, normal: bool = True) -> None:
        """What was written goes out as it is; everything after it, both ways, is TLS."""
        if self._has_unsent:
            self._coming = contextFactory
            self.stopReading()  # type: ignore[no-untyped-call]
        else:
            self._begin_tls(contextFactory)

    def write(self, data: bytes) -> None:
        """What the system does not take now is kept, and the producer paused once that is much."""
        if not data or not self.connected or self.disconnecting:
            return
        self._tempDataBuffer.append(data)
        self._tempDataLen += len(data)
        if self.dataBuffer:
            self._maybePauseProducer()  # type: ignore[no-untyped-call]
        elif self._tls is None:
            self._push()
        elif self._tempDataLen > self.bufferSize:
            if self._shaken:
                self._push()
            self._maybePauseProducer()  # type: ignore[no-untyped-call]
        else:
            self._gather()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """The same."""
        self.write(b"".join(iovec))

    def loseConnection(self, _connDone: Failure = _DONE) -> None:
        """With nothing left to write it ends before the event loop looks for new connections."""
        if not self.connected or self.disconnecting:
            return
        if self._tls is not None and not self._shaken and not self._has_unsent:
            self.abortConnection()  # type: ignore[no-untyped-call]
            return
        self.disconnecting = True
        if self._tls is None or self._shaken:
            self.stopReading()  # type: ignore[no-untyped-call]
            self._gather()

    # What the event loop calls.

    def doRead(self) -> Any:
        """The socket has something."""
        if self._coming is not None:
            self.stopReading()  # type: ignore[no-untyped-call]
            return None
        if self._tls is None:
            return super().doRead()
        if self._parted:
            return self._wait_for_end()
        if not self._shaken:
            return self._shake_hands(self._tls)
        octets, reason = self._receive(self._tls)
        if octets:
            self.protocol.dataReceived(octets)
        return reason

    def doWrite(self) -> Any:
        """The socket takes something again."""
        if self._read_later:
            self._read_later = False
            reason = self.doRead()
            if reason is not None or self._read_later:
                return reason
        if self._tls is not None and not self._shaken:
            self.stopWriting()  # type: ignore[no-untyped-call]
            return None
        reason = super().doWrite()  # type: ignore[no-untyped-call]
        if self._coming is not None and not self._has_unsent:
            self._begin_tls(self._coming)
            self.startReading()  # type: ignore[no-untyped-call]
        return reason

    def writeSomeData(self, data: bytes) -> Any:
        """As much as the socket takes."""
        if self._tls is None:
            return super().writeSomeData(data)
        sent, rest = 0, memoryview(data)[: self.SEND_LIMIT]
        try:
            while sent < len(rest):
                sent += self._tls.send(rest[sent : sent + _RECORD])
        except (SSL.WantWriteError, SSL.WantReadError):
            pass  # OpenSSL wants to be given the same octets again, and more may follow them
        except SSL.Error:
            return CONNECTION_LOST
        return sent

    def readConnectionLost(self, reason: Failure) -> None:
        """The client says nothing more. While we part anyway, what is on its way out still goes."""
        if self._parted:
            self.connectionLost(reason)
        elif not self.disconnecting:
            super().readConnectionLost(reason)

    def connectionLost(self, reason: Failure) -> None:
        """The end."""
        super().connectionLost(reason)
        self._tls = None

    # How it is done.

    @property
    def _has_unsent(self) -> bool:
        return bool(self.dataBuffer or self._tempDataBuffer)

    def _begin_tls(self, tls: ServerTls) -> None:
        self._coming = None
        self._tls = tls.connection(self.socket)
        alsoProvides(self, ISSLTransport)

    def _shake_hands(self, tls: SSL.Connection) -> Any:
        try:
            tls.do_handshake()
        except SSL.WantReadError:
            return None
        except SSL.WantWriteError:
            self._write_to_read()
            return None
        except SSL.Error:
            return CONNECTION_LOST
        self._shaken = True
        if IHandshakeListener.providedBy(self.protocol):
            self.protocol.handshakeCompleted()
        if self._has_unsent or self.disconnecting:
            self._gather()
        return None

    def _receive(self, tls: SSL.Connection) -> tuple[bytes, Any]:
        """What there is, and why there will be no more."""
        pieces: list[bytes] = []
        reason: Any = None
        try:
            for _ in range(_AT_ONCE):
                pieces.append(tls.recv(_RECORD))
                if len(pieces[-1]) < _RECORD:
                    break
        except SSL.WantReadError:
            pass
        except SSL.WantWriteError:
            self._write_to_read()
        except SSL.ZeroReturnError:
            reason = CONNECTION_DONE
        except SSL.Error:
            reason = CONNECTION_LOST
        return b"".join(pieces), reason

    def _write_to_read(self) -> None:
        self._read_later = True
        self.startWriting()  # type: ignore[no-untyped-call]

    def _gather(self) -> None:
        if not self._gathering:
            self._gathering = True
            self._follow(self._go_out)

    def _follow(self, call: Callable[[], object]) -> None:
        if isinstance(self.reactor, PromptReactor):
            self.reactor.follow(call)
        else:
            self.reactor.callLater(0, call)  # type: ignore[attr-defined]

    def _go_out(self) -> None:
        """The turn ends."""
        self._gathering = False
        if not self.connected or self._aborting or (self._tls is not None and not self._shaken):
            return
        if self._tempDataBuffer and not self.dataBuffer:
            self._push()
        if self.disconnecting and not self._has_unsent and self.producer is None:
            reason = self._postLoseConnection()
            if reason is not None:
                self.connectionLost(Failure(reason))  # type: ignore[no-untyped-call]

    def _push(self) -> None:
        """Send what is gathered; what the socket does not take, and every error, is left to the event loop."""
        data = b"".join(self._tempDataBuffer)
        self._tempDataBuffer = []
        self._tempDataLen = 0
        sent = self.writeSomeData(data)
        sent = sent if isinstance(sent, int) else 0
        if sent < len(data):
            self.dataBuffer = data[sent:]
            self._maybePauseProducer()  # type: ignore[no-untyped-call]
            self.startWriting()  # type: ignore[no-untyped-call]

    def _postLoseConnection(self) -> Any:
        """All is out: say so, and wait for the client to say so.  RFC 8446 6.1"""
        if self._tls is None:
            return CONNECTION_DONE
        try:
            ended = self._tls.shutdown()
        except SSL.WantWriteError:
            self.startWriting()  # type: ignore[no-untyped-call]
            return None
        except SSL.Error:
            ended = True
        if ended:
            return CONNECTION_DONE
        self._parted = True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        self.startReading()  # type: ignore[no-untyped-call]
        return None

    def _wait_for_end(self) -> Any:
        try:
            return None if self.socket.recv(self.bufferSize) else CONNECTION_DONE
        except BlockingIOError:
            return None
        except OSError:
            return CONNECTION_LOST
