"""The private DKIM keys of our domains, and what DNS must show of each.  RFC 6376 3.6, RFC 8463 4

`keys/dkim/<domain>/<selector>.pem` are the keys; `rotation.json` beside them says which do not sign: those that wait
for the DNS, and those that are retired. Without it all may sign, and the last selector of each algorithm does.
"""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from odcore import clock, disk
from odcore.errors import Fault, Kind

_RSA_BITS = 2048
_STATE = "rotation.json"
_PIECE = 255
"""A DNS text's pieces are no longer (RFC 1035 3.3)."""


class Key(msgspec.Struct, frozen=True):
    """A private key that signs for a domain."""

    domain: str
    selector: str
    algorithm: str  # "rsa-sha256" or "ed25519-sha256"
    secret: bytes  # PEM
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

    @property
    def zone_line(self) -> str:
        """The record for a zone file."""
        pieces = (self.record[start : start + _PIECE] for start in range(0, len(self.record), _PIECE))
        quoted = " ".join(f'"{piece}"' for piece in pieces)
        return f"{self.record_name}. IN TXT ( {quoted} )"


class Rotation(msgspec.Struct, frozen=True):
    """Which selectors do not sign."""

    waiting: tuple[str, ...] = ()  # until the DNS shows them
    retired: dict[str, int] = {}  # until when the DNS must go on showing them


class Keys:
    """All keys, read again when their folder has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._loaded: dict[str, tuple[tuple[int, int], tuple[Key, ...], Rotation]] = {}

    def domains(self) -> tuple[str, ...]:
        """Those that have, or had, keys."""
        return tuple(sorted(each.name for each in self._folder.iterdir())) if self._folder.is_dir() else ()

    def of(self, domain: str) -> tuple[Key, ...]:
        """All keys of a domain, by selector."""
        return self._read(domain)[0]

    def rotation(self, domain: str) -> Rotation:
        """Which of them do not sign."""
        return self._read(domain)[1]

    def signing(self, domain: str) -> tuple[Key, ...]:
        """The newest key of each algorithm."""
        keys, rotation = self._read(domain)
        silent = {*rotation.waiting, *rotation.retired}
        return tuple({key.algorithm: key for key in keys if key.selector not in silent}.values())

    def fresh(self, domain: str) -> tuple[str, str]:
        """Selectors for a new pair, named by the day."""
        stem, number = f"od{clock.now():%Y%m%d}", 1
        while any((self._folder / domain / f"{name}.pem").exists() for name in _pair(stem)):
            number += 1
            stem = f"{stem.partition('-')[0]}-{number}"
        return _pair(stem)

    def generate(self, domain: str, selector: str = "") -> tuple[Key, ...]:
        """A pair of keys that signs at once. Fault EXISTS when the selector is taken."""
        return self.make(domain, _pair(selector) if selector else self.fresh(domain))

    def make(self, domain: str, selectors: tuple[str, str]) -> tuple[Key, ...]:
        """Keys with these names, RSA first."""
        rsa, ed25519 = selectors
        folder = self._folder / domain
        disk.make_folder(folder)
        _save(folder / f"{rsa}.pem", generate_private_key(65537, _RSA_BITS))
        _save(folder / f"{ed25519}.pem", Ed25519PrivateKey.generate())
        disk.sync_folder(folder)
        return tuple(_load(folder / f"{name}.pem", domain) for name in selectors)

    def note(self, domain: str, rotation: Rotation) -> None:
        """From now on, and after a power cut."""
        disk.write(self._folder / domain / _STATE, msgspec.json.format(msgspec.json.encode(rotation)))

    def forget(self, domain: str, selectors: Sequence[str]) -> None:
        """Delete keys that nobody needs any more."""
        for selector in selectors:
            (self._folder / domain / f"{selector}.pem").unlink(missing_ok=True)
        disk.sync_folder(self._folder / domain)

    def _read(self, domain: str) -> tuple[tuple[Key, ...], Rotation]:
        folder = self._folder / domain
        if not folder.is_dir():
            return (), Rotation()
        changed = folder.stat().st_mtime_ns, _inode(folder / _STATE)
        with self._lock:
            known = self._loaded.get(domain)
            if known is None or known[0] != changed:
                keys = tuple(_load(path, domain) for path in sorted(folder.glob("*.pem")))
                self._loaded[domain] = known = (changed, keys, _rotation(folder / _STATE))
        return known[1], known[2]


def _pair(stem: str) -> tuple[str, str]:
    return f"{stem}r", f"{stem}e"


def _inode(path: Path) -> int:
    """Another one with each `note`, however quickly they follow each other."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _rotation(path: Path) -> Rotation:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Rotation)
    except FileNotFoundError:
        return Rotation()
    except msgspec.DecodeError as error:
        raise Fault(Kind.INTERNAL, f"{path} cannot be read: {error}") from None


def _load(path: Path, domain: str) -> Key:
    """Fault INTERNAL when the file is no key of a kind we sign with."""
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    public = private.public_key()
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if isinstance(private, RSAPrivateKey):
        shown = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Key(domain, path.stem, "rsa-sha256", secret, base64.b64encode(shown))
    if isinstance(private, Ed25519PrivateKey):
        shown = public.public_bytes(Encoding.Raw, PublicFormat.Raw)  # RFC 8463 4.2
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
