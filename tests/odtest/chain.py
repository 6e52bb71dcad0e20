"""Certificates and the TLSA records that fit them."""

import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odcore.net.dns import Tlsa
from odsuite import certs


def made(folder: Path, name: str = "mx.example") -> list[x509.Certificate]:
    """A server's chain: its certificate for `name`, and the authority that signed it."""
    certs.ensure(folder, [name])
    return x509.load_pem_x509_certificates((folder / "server.pem").read_bytes())


def tlsa(usage: int, selector: int, matching: int, certificate: x509.Certificate) -> Tlsa:
    """The record that asks for `certificate`."""
    octets = certificate.public_bytes(Encoding.DER)
    if selector == 1:
        octets = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digests = {0: lambda data: data, 1: lambda data: hashlib.sha256(data).digest()}
    return Tlsa(usage, selector, matching, digests.get(matching, lambda data: hashlib.sha512(data).digest())(octets))


def issue(folder: Path, name: str) -> None:
    """Another certificate of the same authority."""
    certs.issue(folder, [name])
