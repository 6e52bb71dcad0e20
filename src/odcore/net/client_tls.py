"""TLS from the client's side, for Twisted: with any certificate, or with one that is checked.  RFC 7435, RFC 9525"""

from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.internet import ssl
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer


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
