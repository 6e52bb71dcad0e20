"""The senders of a world made for the run: domains with SPF, a DKIM key and DMARC, and letters they have signed."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench.mail.letters import letter
from bench.mail.server import HOST

DOMAINS = 200
"""Each sends from an address in a network of its own, so that nobody's limit for one client is met."""

SELECTOR = "s"
_KEY = generate_private_key(65537, 2048)
SECRET = _KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
_PUBLIC = base64.b64encode(_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
KEY_RECORD = f'"v=DKIM1; k=rsa; p={_PUBLIC[:200]}" "{_PUBLIC[200:]}"'


@dataclass(frozen=True)
class Letter:
    """A letter on its way."""

    client: str  # the address it comes from
    host: str  # what that calls itself
    sender: str
    recipient: str
    octets: bytes  # as they go over the wire


def signed(number: int, recipient: str) -> Letter:
    """The letter with this number, From and envelope of one domain that has signed it."""
    which = number % DOMAINS
    domain = _domain(which)
    octets = letter(number, recipient).replace(b"@elsewhere.example", b"@" + domain.encode())
    names = [b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"]
    how = (b"relaxed", b"relaxed")
    field = dkim.sign(octets, SELECTOR.encode(), domain.encode(), SECRET, canonicalize=how, include_headers=names)
    sender = f"sender{number % 250 + 1}@{domain}"
    return Letter(_address(which), f"mx.{domain}", sender, recipient, field + octets)


def unsigned(number: int, sender: str) -> Letter:
    """One to the outside, by one of us: to sign it is the server's work."""
    recipient = f"reader{number % 250}@outside{number % 20}.example"
    octets = letter(number, recipient).replace(f"sender{number % 250 + 1}@elsewhere.example".encode(), sender.encode())
    return Letter(HOST, "desk.bench.example", sender, recipient, octets)


def records() -> Iterator[str]:
    """What the DNS says of them."""
    for number in range(DOMAINS):
        domain, address = _domain(number), _address(number)
        yield f"{'.'.join(reversed(address.split('.')))}.in-addr.arpa. PTR mx.{domain}."
        yield f"mx.{domain}. A {address}"
        yield f"{domain}. MX 10 mx.{domain}."
        yield f'{domain}. TXT "v=spf1 mx -all"'
        yield f"{SELECTOR}._domainkey.{domain}. TXT {KEY_RECORD}"
        yield f'_dmarc.{domain}. TXT "v=DMARC1; p=reject"'


def _domain(number: int) -> str:
    return f"sender{number}.example"


def _address(number: int) -> str:
    return f"127.77.{number}.9"
