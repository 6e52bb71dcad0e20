"""A configuration profile for Apple's devices: mail, calendars and contacts in one go, with a password of its own.

Identifiers are derived from the address, so that a profile made again replaces the one before. It is signed with the
server's certificate: a device then shows whom it is from.  Apple, "Device Management": TopLevel, Mail, CalDAV, CardDAV
"""

import plistlib
import uuid
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from odcore.errors import Fault, Kind
from odweb.discovery.services import Services

CONTENT_TYPE = "application/x-apple-aspen-config"

_SPACE = uuid.UUID("6f1d8c1e-51f8-5c0b-8e0b-8a1f0a6a7c11")


class Owner(msgspec.Struct, frozen=True):
    """Whose devices it is for."""

    address: str  # also the login
    name: str
    password: str
    mail: bool = True
    dav: bool = True

    def __repr__(self) -> str:
        return f"Owner(address={self.address!r})"


def profile(services: Services, owner: Owner, title: str) -> bytes:
    """The property list, not yet signed."""
    parts = [_mail(services, owner)] if owner.mail else []
    parts += (
        [_dav(services, owner, "caldav", "CalDAV"), _dav(services, owner, "carddav", "CardDAV")] if owner.dav else []
    )
    whole = _head(services, owner, "Configuration", "profile") | {
        "PayloadDisplayName": title,
        "PayloadDescription": owner.address,
        "PayloadOrganization": services.domains[0],
        "PayloadRemovalDisallowed": False,
        "PayloadContent": parts,
    }
    return plistlib.dumps(whole)


def sign(octets: bytes, certificate: bytes, key: bytes) -> bytes:
    """As CMS, with the chain that stands in the PEM file after the server's own certificate.  RFC 5652"""
    first, *chain = x509.load_pem_x509_certificates(certificate)
    private = serialization.load_pem_private_key(key, None)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Fault(Kind.UNSUPPORTED, "Profiles can be signed with RSA and ECDSA keys only.")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(octets).add_signer(first, private, hashes.SHA256())
    for each in chain:
        builder = builder.add_certificate(each)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _mail(services: Services, owner: Owner) -> dict[str, Any]:
    def server(direction: str, port: int) -> dict[str, Any]:
        return {
            f"{direction}MailServerHostName": services.host,
            f"{direction}MailServerPortNumber": port,
            f"{direction}MailServerUseSSL": True,
            f"{direction}MailServerUsername": owner.address,
            f"{direction}MailServerAuthentication": "EmailAuthPassword",
        }

    return _head(services, owner, "com.apple.mail.managed", "mail") | {
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAccountName": owner.name,
        "EmailAccountDescription": owner.address,
        "EmailAddress": owner.address,
        "IncomingPassword": owner.password,
        "OutgoingPasswordSameAsIncomingPassword": True,
        **server("Incoming", services.imaps),
        **server("Outgoing", services.submissions),
    }


def _dav(services: Services, owner: Owner, kind: str, prefix: str) -> dict[str, Any]:
    return _head(services, owner, f"com.apple.{kind}.account", kind) | {
        f"{prefix}AccountDescription": owner.address,
        f"{prefix}HostName": services.host,
        f"{prefix}Port": services.https,
        f"{prefix}PrincipalURL": "/dav/",
        f"{prefix}UseSSL": True,
        f"{prefix}Username": owner.address,
        f"{prefix}Password": owner.password,
    }


def _head(services: Services, owner: Owner, kind: str, part: str) -> dict[str, Any]:
    reverse = ".".join(reversed(services.domains[0].split(".")))
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{reverse}.odmail.{part}",
        "PayloadUUID": str(uuid.uuid5(_SPACE, f"{services.host} {owner.address} {part}")).upper(),
        "PayloadDisplayName": owner.address,
    }
