"""What must be right before any process starts: each thing that is not is told in one line, with what to do."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

import structlog

from odcore import disk
from odcore.errors import Fault, Kind
from odcore.net.tls import KeyPair, ServerTls
from odsuite import certs, owner
from odsuite.process import certificate_paths
from odsuite.settings import Settings

log = structlog.get_logger()

FOLDERS = ("accounts", "queue", "audit", "directory", "keys", "tls", "run", "web", "outside")

_WITHOUT_TLS = {"lmtp", "queue", "directory", "sink"}

_LONGEST_SOCKET = 107  # sun_path of Linux, without its NUL


def make_folders(settings: Settings) -> None:
    """All folders of the data folder."""
    if len(os.fsencode(settings.bus)) > _LONGEST_SOCKET:
        raise Fault(
            Kind.BAD_REQUEST, f"The path {settings.bus} is too long for a Unix socket: choose a shorter `data`."
        )
    try:
        for name in FOLDERS:
            disk.make_folder(settings.root / name)
            _check_owner(settings.root, name)
    except OSError as error:
        raise Fault(
            Kind.DENIED,
            f"The data folder cannot be made: {error.filename}: {error.strerror}. As root: "
            f"install -d -o {owner.name(os.geteuid())} -m 0700 {settings.root}",
        ) from error


def _check_owner(root: Path, name: str) -> None:
    """Made by another user in passing: nothing in it could be read."""
    me, found = os.geteuid(), (root / name).stat().st_uid
    if found != me:
        text = f"The folder {root / name} belongs to {owner.name(found)}. As root: chown -R {owner.name(me)}: {root}"
        raise Fault(Kind.DENIED, text)


def lock_roles(settings: Settings, chosen: Iterable[str]) -> None:
    """Each role of a data folder has one supervisor. The locks end with this process, however it ends."""
    for role in sorted(chosen):
        _lock(settings.root / "run" / f"role-{role}.lock", f"role {role} on {settings.root}")


def check_certificates(settings: Settings, chosen: Iterable[str]) -> None:
    """Certificate and key of every service with TLS. One that ended is served on, but not silently: mail goes on."""
    if not {*chosen} - _WITHOUT_TLS:
        return
    pairs = certificate_paths(settings)
    try:
        ServerTls([KeyPair(*pair) for pair in pairs])
    except Fault as fault:
        who = owner.name(os.geteuid())
        raise Fault(
            fault.kind,
            f"{fault.text}. Put the server's certificate and its key there as [tls] says, for {who} to read; "
            "`odmail doctor` looks at them.",
        ) from fault
    for certificate, _ in pairs:
        days = certs.expiry_days(certificate)
        if days < 0:
            log.error("certificate-expired", certificate=str(certificate), days_ago=int(-days))


def _lock(path: Path, what: str) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise Fault(Kind.IN_USE, f"Another odmail (process {other}) has {what} already.") from None
    os.truncate(descriptor, 0)
    os.write(descriptor, b"%d\n" % os.getpid())
