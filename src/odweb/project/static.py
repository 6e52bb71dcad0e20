"""Scripts, styles and pictures, under names that hold their digest: a browser asks once and keeps them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from odcore import disk
from odcore.web.mount import App, Environ, StartResponse

PACKAGE = Path(__file__).resolve().parents[1] / "static"
_MARK = "static-of"
"""Beside the folder, written last: whose copies these are. After a power cut half of them may be empty."""


def collect(folder: Path) -> None:
    """Copy those of this version to `folder`/static, unless they are there."""
    from django.core.management import call_command  # wants to be configured first

    mark, version = folder / _MARK, _version()
    if mark.exists() and mark.read_bytes() == version:
        return
    call_command("collectstatic", clear=True, verbosity=0, interactive=False)
    disk.sync_tree(folder / "static")
    disk.write(mark, version)


def static_files(folder: Path) -> App:
    """Serves them."""
    from whitenoise import WhiteNoise

    files: App = WhiteNoise(_nothing, root=str(folder / "static"), immutable_file_test=_has_digest, max_age=3600)
    return files


def _version() -> bytes:
    digest = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes())
    return digest.hexdigest().encode()


def _has_digest(_path: str, url: str) -> bool:
    name = url.rpartition("/")[2].split(".")
    return len(name) > 2 and len(name[-2]) == 12


def _nothing(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"There is nothing here.\n"]
