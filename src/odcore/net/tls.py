"""TLS for every server: 1.2 or newer with AEAD ciphers only, certificates that change without a restart.  RFC 9325"""

import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from OpenSSL import SSL
from OpenSSL.crypto import X509, X509StoreFlags
from twisted.internet.interfaces import ISSLTransport

from odcore.errors import Fault, Kind
from odcore.sasl.api import Channel

log = structlog.get_logger()

_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"  # TLS 1.2; those of 1.3 are all AEAD  # RFC 9325 4.2

_PARTIAL_WRITES = 0x1 | 0x2  # SSL_MODE_ENABLE_PARTIAL_WRITE, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER

_OPTIONS = (
    SSL.OP_NO_SSLv2
    | SSL.OP_NO_SSLv3
    | SSL.OP_NO_COMPRESSION  # RFC 9325 3.3
    | SSL.OP_NO_RENEGOTIATION  # RFC 9325 3.5
    | SSL.OP_CIPHER_SERVER_PREFERENCE
    | SSL.OP_NO_TICKET
    | SSL.OP_IGNORE_UNEXPECTED_EOF  # FIN without close_notify ends what a client says; half a line is no command
)


class KeyPair:
    """A certificate chain and its private key, as PEM files."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.certificate = certificate
        self.key = key

    def stamp(self) -> tuple[int, ...]:
        """Differs once a file was replaced."""
        return _stamp(self.certificate) + _stamp(self.key)

    def check_readable(self) -> None:
        """Fault NOT_FOUND names the file that cannot be read: the library's own words would not."""
        with _readable():
            for path in (self.certificate, self.key):
                path.read_bytes()

    def names(self) -> frozenset[str]:
        """DNS names the certificate is for, lower case."""
        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        try:
            found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            return frozenset()
        return frozenset(name.lower() for name in found.value.get_values_for_type(x509.DNSName))


class ServerTls:
    """Makes server connections. The first key pair answers clients that ask for no name or one we do not have."""

    def __init__(self, pairs: Sequence[KeyPair], client_ca: Path | None = None) -> None:
        """With `client_ca`, clients may show a certificate of those authorities, and are refused with a false one."""
        self._pairs = tuple(pairs)
        self._client_ca = client_ca
        self._stamps: tuple[tuple[int, ...], ...] = ()
        self._contexts: tuple[SSL.Context, ...] = ()
        self._by_name: dict[str, SSL.Context] = {}
        self._load()

    def connection(self, plain: socket.socket) -> SSL.Connection:
        """The server's side of TLS on that socket. Its handshake is to come."""
        connection = SSL.Connection(self._contexts[0], plain)
        connection.set_accept_state()
        return connection

    def reload(self) -> bool:
        """Look at the files again; True when new ones are in use. New files that do not fit leave the old in use."""
        try:
            if self._stamp() == self._stamps:
                return False
            self._load()
        except Fault as fault:
            log.error("certificate-refused", reason=fault.text)
            return False
        log.info("certificate-reloaded", certificate=str(self._pairs[0].certificate))
        return True

    def _stamp(self) -> tuple[tuple[int, ...], ...]:
        stamps = tuple(pair.stamp() for pair in self._pairs)
        return stamps if self._client_ca is None else (*stamps, _stamp(self._client_ca))

    def _load(self) -> None:
        stamps = self._stamp()
        contexts = tuple(self._context(pair) for pair in self._pairs)
        names: dict[str, SSL.Context] = {}
        for pair, context in zip(self._pairs, contexts, strict=True):
            for name in pair.names():
                names.setdefault(name, context)
        self._stamps, self._contexts, self._by_name = stamps, contexts, names

    def _context(self, pair: KeyPair) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_cipher_list(_CIPHERS)
        context.set_options(_OPTIONS)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS | _PARTIAL_WRITES)  # an idle connection keeps no 34 KiB
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_tlsext_servername_callback(self._choose)
        pair.check_readable()
        with _else(f"{pair.certificate} is no PEM certificate"):
            context.use_certificate_chain_file(str(pair.certificate))
        with _else(f"{pair.key} is no PEM private key without a passphrase"):
            serialization.load_pem_private_key(pair.key.read_bytes(), None)  # OpenSSL would ask at the terminal
        with _else(f"{pair.key} is not the key of {pair.certificate}"):
            context.use_privatekey_file(str(pair.key))
        if self._client_ca is not None:
            _ask_for_certificate(context, self._client_ca)
        return context

    def _choose(self, connection: SSL.Connection) -> None:
        name = (connection.get_servername() or b"").decode("ascii", "replace").lower()
        wildcard = "*." + name.partition(".")[2]
        context = self._by_name.get(name) or self._by_name.get(wildcard)
        if context is not None:
            connection.set_context(context)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Fault(Kind.NOT_FOUND, f"{error.filename}: {error.strerror}") from error


@contextmanager
def _else(wrong: str) -> Iterator[None]:
    try:
        yield
    except (SSL.Error, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Fault(Kind.BAD_REQUEST, wrong) from error


def _stamp(path: Path) -> tuple[int, ...]:
    with _readable():
        fact = os.stat(path)
    return fact.st_mtime_ns, fact.st_ino, fact.st_size


def _ask_for_certificate(context: SSL.Context, authorities: Path) -> None:
    """Whoever has none goes on without. Revocation lists may stand in the same file, and count once one does."""
    with _readable():
        pem = authorities.read_bytes()
    with _else(f"{authorities} is no PEM file of certificates"):
        context.load_verify_locations(str(authorities))
        known = x509.load_pem_x509_certificates(pem)
        context.set_client_ca_list([X509.from_cryptography(one).get_subject() for one in known])
    store = context.get_cert_store()
    if store is not None and b"-----BEGIN X509 CRL-----" in pem:
        store.set_flags(X509StoreFlags.CRL_CHECK)
    context.set_verify(SSL.VERIFY_PEER, lambda _connection, _certificate, _error, _depth, sound: bool(sound))


def describe(connection: Any) -> str:
    """`TLSv1.3 with cipher TLS_AES_256_GCM_SHA384`, for Received fields and logs; "" before the handshake."""
    version, cipher = connection.get_protocol_version_name(), connection.get_cipher_name()
    return f"{version} with cipher {cipher}" if cipher else ""


def channel_of(transport: Any) -> Channel:
    """What the TLS of a connection vouches for; nothing before its handshake, and nothing where it is not TLS."""
    is_tls = ISSLTransport.providedBy(transport)
    handle = transport.getHandle() if is_tls else None
    if handle is None or not handle.get_cipher_name():
        return Channel()
    bindings = {}
    if handle.get_protocol_version() >= SSL.TLS1_3_VERSION:  # before, it takes a check that the library has not
        bindings["tls-exporter"] = handle.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")  # RFC 9266 2
    own = handle.get_certificate()
    if own is not None:
        bindings["tls-server-end-point"] = _end_point(own.to_cryptography())
    peer = handle.get_peer_certificate()
    return Channel(bindings, _mail_addresses(peer.to_cryptography()) if peer is not None else ())


def _mail_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """The rfc822Names of its subjectAltName.  RFC 5280 4.2.1.6"""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(found.value.get_values_for_type(x509.RFC822Name))


def _end_point(certificate: x509.Certificate) -> bytes:
    """The hash of our certificate, by the hash its signature uses, at least SHA-256.  RFC 5929 4.1"""
    signed = certificate.signature_hash_algorithm
    weak = signed is None or isinstance(signed, hashes.MD5 | hashes.SHA1)
    return certificate.fingerprint(hashes.SHA256() if signed is None or weak else signed)


def client_context(authorities: Path | None = None) -> ssl.SSLContext:
    """For programs of ours that connect by the standard library: certificates are checked."""
    return ssl.create_default_context(cafile=str(authorities) if authorities else None)
