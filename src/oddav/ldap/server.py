"""LDAP on Twisted, inside TLS from the first octet: sockets and time.  RFC 4511 5"""

from twisted.internet.interfaces import IReactorTime

from odcore.net.client import ClientConnection
from odcore.net.clients import Clients
from odcore.net.listen import Admission
from odcore.net.tls import ServerTls
from oddav.ldap import verbs
from oddav.ldap.ports import House
from oddav.ldap.session import Session
from oddav.ldap.types import Code
from oddav.ldap.writer import disconnection

LOGIN = 60.0  # seconds a client may take to sign in
IDLE = 900.0  # address books keep a connection while they are open, and make another when it is gone


class LdapConnection(ClientConnection[Session]):
    """A session's `odcore.session.ports.Connection`."""

    protocol = "ldap"
    turned_away = disconnection(Code.UNAVAILABLE, "Too many connections.")

    def __init__(self, service: "LdapService", secure: bool) -> None:
        super().__init__(service.admission, service.tls, service.connections, secure)
        self._service = service

    def open(self) -> Session:
        """See `ClientConnection`."""
        return Session(self._service.house, self._service.verbs, self)

    def look(self, session: Session, now: float) -> None:
        """See `ClientConnection`."""
        if session.busy:
            return
        since, patience = (session.heard_at, IDLE) if session.principal else (session.began_at, LOGIN)
        if now - since > patience:
            session.end("Silent for too long.")

    def show_out(self) -> None:
        """See `odcore.net.standing.Guest`."""
        if self.session is not None:
            self.session.end("Access has ended.", Code.STRONGER_AUTH_REQUIRED)

    def dismiss(self) -> None:
        """See `ClientConnection`."""
        if self.session is not None:
            self.session.end("The server is shutting down.")


class LdapService(Clients[LdapConnection]):
    """All LDAP connections of a process."""

    def __init__(self, house: House, reactor: IReactorTime, tls: ServerTls | None, admission: Admission) -> None:
        super().__init__(reactor, tls, admission)
        self.house = house
        self.verbs = verbs.load()

    def connection(self, secure: bool) -> LdapConnection:
        """See `Clients`."""
        return LdapConnection(self, secure)
