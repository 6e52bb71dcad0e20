"""POP3 on Twisted: sockets, TLS and time.  RFC 1939 3, RFC 8314 3.3"""

from twisted.internet.interfaces import IReactorTime

from odcore.net.client import ClientConnection
from odcore.net.clients import Clients
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from odmail.pop3 import verbs
from odmail.pop3.ports import House
from odmail.pop3.session import Session

AUTOLOGOUT = 600.0  # RFC 1939 3: at least ten minutes
LOGIN = 60.0  # seconds a client may take to sign in


class Pop3Connection(ClientConnection[Session]):
    """A session's `ports.Connection`."""

    protocol = "pop3"
    turned_away = b"-ERR [SYS/TEMP] too many connections\r\n"

    def __init__(self, service: "Pop3Service", secure: bool) -> None:
        super().__init__(service.admission, service.tls, service.connections, secure)
        self.service = service

    def open(self) -> Session:
        """See `ClientConnection`."""
        self.transport.setTcpKeepAlive(True)  # a maildrop is not held for a phone that is gone
        return Session(self.service.house, self.service.verbs, self)

    def look(self, session: Session, now: float) -> None:
        """See `ClientConnection`. Nothing is deleted then.  RFC 1939 3"""
        if session.busy:
            return
        since, patience = (session.heard_at, AUTOLOGOUT) if session.principal else (session.began_at, LOGIN)
        if now - since > patience:
            session.end("silent for too long", "SYS/TEMP")

    def show_out(self) -> None:
        """See `odcore.net.standing.Guest`."""
        if self.session is not None:
            self.session.end("access has ended", "AUTH")

    def dismiss(self) -> None:
        """See `ClientConnection`."""
        if self.session is not None:
            self.session.end("the server is shutting down", "SYS/TEMP")


class Pop3Service(Clients[Pop3Connection]):
    """All POP3 connections of a process."""

    def __init__(self, house: House, reactor: IReactorTime, tls: ServerTls | None, admission: Admission) -> None:
        super().__init__(reactor, tls, admission)
        self.house = house
        self.verbs = verbs.load()

    def connection(self, secure: bool) -> Pop3Connection:
        """See `Clients`."""
        return Pop3Connection(self, secure)
