"""A private certificate authority and a server certificate of it, for demonstrations and first steps.  RFC 5280"""

import hashlib
import ipaddress
import os
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from odcore import clock, disk

_AUTHORITY_LIFE = timedelta(days=3650)
_SERVER_LIFE = timedelta(days=397)
_RENEW = timedelta(days=30)


def ensure(folder: Path, names: Sequence[str]) -> Path:
    """Make `server.pem` and `server.key` for `names` (hosts and IP addresses) where missing or due; the CA's path."""
    disk.make_folder(folder)
    authority = folder / "ca.pem"
    if not authority.exists():
        _make_authority(folder)
    if not _serves(folder / "server.pem", names):
        issue(folder, names)
    return authority


def issue(folder: Path, names: Sequence[str]) -> None:
    """A new server certificate by the authority in `folder`."""
    issuer = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    issuer_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), issuer.subject, key, _SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    certificate = builder.sign(issuer_key, hashes.SHA256())
    disk.write(folder / "server.key", _private(key))
    disk.write(folder / "server.pem", _public(certificate) + _public(issuer), 0o644)


def readable_copy(authority: Path) -> Path:
    """A path of it that every user of this machine can read: what root keeps below its data folder, only root can."""
    if os.geteuid() != 0:
        return authority
    descriptor, made = tempfile.mkstemp(prefix="odmail-ca-", suffix=".pem")
    with os.fdopen(descriptor, "wb") as file:
        file.write(authority.read_bytes())
        os.fchmod(descriptor, 0o644)
    mark = hashlib.sha256(str(authority.absolute()).encode()).hexdigest()[:8]  # the same at each start
    steady = Path(made).with_name(f"odmail-ca-{mark}.pem")
    os.replace(made, steady)
    return steady


def expiry_days(path: Path) -> float:
    """Days until the certificate ends."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return (certificate.not_valid_after_utc - clock.now()) / timedelta(days=1)


def _make_authority(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odmail demonstration CA")])
    builder = (
        _builder(name, name, key, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_AUTHORITY_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    disk.write(folder / "ca.key", _private(key))
    disk.write(folder / "ca.pem", _public(builder.sign(key, hashes.SHA256())), 0o644)


_AUTHORITY_USAGE = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    instant = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(instant - timedelta(hours=1))
        .not_valid_after(instant + life)
    )


def _serves(path: Path, names: Sequence[str]) -> bool:
    if not path.exists() or expiry_days(path) < _RENEW / timedelta(days=1):
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(found) >= {_general_name(name) for name in names}


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
