"""An authority for client certificates, and people's certificates from it."""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from odcore import clock


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Its certificate and its revocation list lie in `path`; `issue` makes a file of key and certificate."""

    def __init__(self, path: Path, name: str = "People") -> None:
        self.path = path
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._serial = 1
        self._certificate = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.revoke()

    def issue(self, path: Path, *addresses: str) -> tuple[Path, int]:
        """A certificate for these e-mail addresses; the file and the serial number."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.RFC822Name(each) for each in addresses]
        made = (
            self._builder(_name("Somebody"), key)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        pem, pkcs8, bare = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(key.private_bytes(pem, pkcs8, bare) + made.public_bytes(pem))
        return path, made.serial_number

    def revoke(self, *serials: int) -> None:
        """From now on the list names these."""
        now = clock.now()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=1))
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
            builder = builder.add_revoked_certificate(entry)
        pem = serialization.Encoding.PEM
        whole = self._certificate.public_bytes(pem) + builder.sign(self._key, hashes.SHA256()).public_bytes(pem)
        self.path.write_bytes(whole)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        self._serial += 1
        now = clock.now()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(self._serial)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )
