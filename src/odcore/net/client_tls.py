"""TLS from the client's side, for Twisted: with any certificate, or with one that is checked.  RFC 7435, RFC 9525"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import SSL
from OpenSSL.crypto import X509
from service_identity import CertificateError, VerificationError
from twisted.internet import ssl
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from odcore.net.dane import fits
from odcore.net.dns import Tlsa


class WrongCertificate(Exception):
    """It is not the one that the DNS asks for."""


REFUSALS = (WrongCertificate, VerificationError, CertificateError)
"""Why a connection ends whose handshake went well."""


@implementer(IOpenSSLClientConnectionCreator)
class AnyCertificate:
    """Encryption against those who only listen: the peer is not asked to prove who it is."""

    def __init__(self, name: str) -> None:
        """`name`: whom we ask for (SNI)."""
        self._name = name.encode("ascii", "ignore")
        self._context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """For Twisted's `startTLS`."""
        connection = SSL.Connection(self._context, None)
        if self._name:
            connection.set_tlsext_host_name(self._name)
        return connection


class DaneCertificate(AnyCertificate):
    """The certificate must be the one that these TLSA records ask for.  RFC 7672"""

    def __init__(self, name: str, records: Sequence[Tlsa], names: Sequence[str]) -> None:
        """As for `odcore.net.dane.fits`."""
        super().__init__(name)
        self._records = records
        self._names = names
        self._context.set_info_callback(self._look)

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """For Twisted's `startTLS`."""
        connection = super().clientConnectionForTLS(tlsProtocol)
        connection.set_app_data(tlsProtocol)
        return connection

    def _look(self, connection: SSL.Connection, where: int, _: int) -> None:
        """Called from C, where an exception would go unheard: whatever is not certain is refused."""
        if not where & SSL.SSL_CB_HANDSHAKE_DONE:
            return
        sound = False
        try:
            chain = connection.get_peer_cert_chain(as_cryptography=True) or []
            sound = fits(self._records, chain, self._names)
        finally:
            if not sound:
                wrong = WrongCertificate("the certificate is not the one that the TLSA records ask for")
                connection.get_app_data().failVerification(Failure(wrong))  # type: ignore[no-untyped-call]


def checked_certificate(name: str, authorities: Path | None = None) -> IOpenSSLClientConnectionCreator:
    """A certificate for `name`, signed by one of `authorities` (a PEM file) or of those the system believes."""
    trust: Any = ssl.platformTrust()  # type: ignore[no-untyped-call]
    if authorities is not None:
        found = x509.load_pem_x509_certificates(authorities.read_bytes())
        trust = ssl.trustRootFromCertificates(  # type: ignore[no-untyped-call]
            [ssl.Certificate(X509.from_cryptography(each)) for each in found]  # type: ignore[no-untyped-call]
        )
    creator: IOpenSSLClientConnectionCreator = ssl.optionsForClientTLS(name, trustRoot=trust)
    return creator
