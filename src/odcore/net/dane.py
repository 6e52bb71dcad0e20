"""Is a server's certificate the one its TLSA records ask for?  RFC 6698, RFC 7671

Usages 2 (DANE-TA) and 3 (DANE-EE) count, as mail servers use no others (RFC 7672 3.1.3).
"""

import hashlib
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL.crypto import X509, X509Store, X509StoreContext, X509StoreContextError, X509StoreFlags
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import verify_certificate_hostname

from odcore.net.dns import Tlsa

_TA, _EE = 2, 3
_WHOLE, _SHA256, _SHA512 = 0, 1, 2
_LENGTHS = {_SHA256: 32, _SHA512: 64}


def usable(records: Iterable[Tlsa]) -> tuple[Tlsa, ...]:
    """Those we can judge by; where SHA-512 is given, SHA-256 does not count (RFC 7671 9)."""
    known = [each for each in records if _is_known(each)]
    strong = {(each.usage, each.selector) for each in known if each.matching == _SHA512}
    return tuple(each for each in known if each.matching != _SHA256 or (each.usage, each.selector) not in strong)


def fits(records: Sequence[Tlsa], chain: Sequence[x509.Certificate], names: Sequence[str]) -> bool:
    """`chain`: what the server showed, its own certificate first. `names`: one of them it must bear if the records
    name the authority (RFC 7672 3.2); where they name the certificate, no name and no date counts (3.1.1).
    """
    if not chain:
        return False
    if any(each.usage == _EE and _is(each, chain[0]) for each in records):
        return True
    anchors = [each for each in records if each.usage == _TA]
    return any(_signed(chain, anchor) for anchor in _anchors(anchors, chain[1:])) and _bears(chain[0], names)


def _is_known(record: Tlsa) -> bool:
    if record.usage not in (_TA, _EE) or record.selector not in (0, 1):
        return False
    if record.matching == _WHOLE:
        return bool(record.data)
    return len(record.data) == _LENGTHS.get(record.matching)


def _is(record: Tlsa, certificate: x509.Certificate) -> bool:
    if record.selector == 0:
        octets = certificate.public_bytes(Encoding.DER)
    else:
        octets = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if record.matching == _SHA256:
        octets = hashlib.sha256(octets).digest()
    elif record.matching == _SHA512:
        octets = hashlib.sha512(octets).digest()
    return octets == record.data


def _anchors(records: Iterable[Tlsa], shown: Sequence[x509.Certificate]) -> Iterable[x509.Certificate]:
    """An authority is among the certificates shown, or is itself in the record."""
    for record in records:
        yield from (each for each in shown if _is(record, each))
        if (record.selector, record.matching) == (0, _WHOLE):
            try:
                yield x509.load_der_x509_certificate(record.data)
            except ValueError:
                continue


def _signed(chain: Sequence[x509.Certificate], anchor: x509.Certificate) -> bool:
    """Does a valid chain lead to `anchor`, root or not?"""
    store = X509Store()
    store.add_cert(X509.from_cryptography(anchor))
    store.set_flags(X509StoreFlags.PARTIAL_CHAIN)
    leaf, *others = (X509.from_cryptography(each) for each in chain)
    try:
        X509StoreContext(store, leaf, others).verify_certificate()
    except X509StoreContextError:
        return False
    return True


def _bears(certificate: x509.Certificate, names: Sequence[str]) -> bool:
    for name in names:
        try:
            verify_certificate_hostname(certificate, name)
        except (VerificationError, CertificateError):
            continue
        return True
    return False
