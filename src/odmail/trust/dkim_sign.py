"""DKIM signatures with the keys of our domains, rsa-sha256 and ed25519-sha256 side by side.  RFC 6376, RFC 8463

A13: no l= tag; fields that must not be added afterwards are oversigned; "relaxed" for the header and "simple" for the
body, so that no expression whose time grows with the square of a line ever sees what people wrote.
"""

import base64
import os
from pathlib import Path
from threading import Lock

import dkim
import msgspec
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from odcore import clock, disk
from odcore.errors import Fault, Kind
from odmail.message import header

log = structlog.get_logger()

_OVERSIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"reply-to"
)  # fmt: skip
_SIGNED = (
    *_OVERSIGNED, b"sender", b"in-reply-to", b"references", b"content-transfer-encoding",
    b"list-id", b"list-post", b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
_RSA_BITS = 2048
_LONGEST_LINE = 65536
"""What the gates let through, line end included; a longer one is nothing to sign."""


class Key(msgspec.Struct, frozen=True):
    """A private key that signs for a domain."""

    domain: str
    selector: str
    algorithm: str  # "rsa-sha256" or "ed25519-sha256"
    secret: bytes  # as dkimpy wants it
    public: bytes  # as DNS shows it, base64

    def __repr__(self) -> str:
        return f"Key({self.selector}._domainkey.{self.domain}, {self.algorithm})"

    @property
    def record_name(self) -> str:
        """Where the record belongs."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The TXT record's text (RFC 6376 3.6.1)."""
        return f"v=DKIM1; h=sha256; k={self.algorithm.partition('-')[0]}; p={self.public.decode()}"


class Keys:
    """The keys below `keys/dkim/<domain>/<selector>.pem`. The last selector of each algorithm signs; to rotate, add."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._loaded: dict[str, tuple[int, tuple[Key, ...]]] = {}

    def of(self, domain: str) -> tuple[Key, ...]:
        """All keys of a domain, by selector. Read again when the folder has changed."""
        folder = self._folder / domain
        try:
            changed = folder.stat().st_mtime_ns
        except FileNotFoundError:
            return ()
        with self._lock:
            known = self._loaded.get(domain)
            if known is None or known[0] != changed:
                keys = tuple(_load(path, domain) for path in sorted(folder.glob("*.pem")))
                self._loaded[domain] = known = (changed, keys)
        return known[1]

    def signing(self, domain: str) -> tuple[Key, ...]:
        """The newest key of each algorithm."""
        return tuple({key.algorithm: key for key in self.of(domain)}.values())

    def generate(self, domain: str, selector: str = "") -> tuple[Key, ...]:
        """A new pair of keys. Fault EXISTS when the selector is taken."""
        stem = selector or f"od{clock.now():%Y%m%d}"
        made: list[tuple[str, RSAPrivateKey | Ed25519PrivateKey]] = [
            (f"{stem}r", generate_private_key(65537, _RSA_BITS)),
            (f"{stem}e", Ed25519PrivateKey.generate()),
        ]
        folder = self._folder / domain
        disk.make_folder(folder)
        for name, private in made:
            _save(folder / f"{name}.pem", private)
        disk.sync_folder(folder)
        return tuple(_load(folder / f"{name}.pem", domain) for name, _ in made)


class Signer:
    """Signs what leaves the house."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._lock = Lock()  # signing is one processor's work, and holds the message in memory

    def signs_for(self, domain: str) -> bool:
        """Is there a key?"""
        return bool(self._keys.signing(domain))

    def sign(self, domain: str, message: bytes) -> bytes:
        """The DKIM-Signature fields to put in front, b"" when there is no key or nothing that can be signed."""
        keys = self._keys.signing(domain)
        if not keys or _longest_line(message) > _LONGEST_LINE:
            return b""
        names = _names_to_sign(message)
        with self._lock:
            return b"".join(_sign(key, message, names) for key in keys)


def _sign(key: Key, message: bytes, names: list[bytes]) -> bytes:
    try:
        field: bytes = dkim.sign(
            message,
            key.selector.encode(),
            key.domain.encode(),
            key.secret,
            canonicalize=(b"relaxed", b"simple"),
            signature_algorithm=key.algorithm.encode(),
            include_headers=names,
        )
    except dkim.DKIMException as error:
        log.warning("not_signed", key=repr(key), error=str(error))
        return b""
    return field


def _names_to_sign(message: bytes) -> list[bytes]:
    """Each instance that is there, and one more of those that nobody may add (RFC 6376 8.15)."""
    end = message.find(b"\r\n\r\n")
    present = [name for name, _ in header.fields(message[: end + 2]) if name in _SIGNED]
    return present + list(_OVERSIGNED)


def _longest_line(message: bytes) -> int:
    return max(map(len, message.splitlines(keepends=True)), default=0)


def _load(path: Path, domain: str) -> Key:
    """Fault INTERNAL when the file is no key of a kind we sign with."""
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    public = private.public_key()
    if isinstance(private, RSAPrivateKey):
        secret = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        shown = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Key(domain, path.stem, "rsa-sha256", secret, base64.b64encode(shown))
    if isinstance(private, Ed25519PrivateKey):
        shown = public.public_bytes(Encoding.Raw, PublicFormat.Raw)  # RFC 8463 4.2
        secret = base64.b64encode(private.private_bytes_raw())
        return Key(domain, path.stem, "ed25519-sha256", secret, base64.b64encode(shown))
    raise Fault(Kind.INTERNAL, f"{path.name} is neither an RSA nor an Ed25519 key.")


def _save(path: Path, private: RSAPrivateKey | Ed25519PrivateKey) -> None:
    octets = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise Fault(Kind.EXISTS, f"There is a key {path.stem} already.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
