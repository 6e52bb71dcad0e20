"""AppArmor's profile of slapd keeps it to the folders of the system's own. It holds by path, so ours runs from a copy.

What confines ours instead is the service's unit (config/systemd) and that it runs as the service's user.
"""

import os
import shutil
from pathlib import Path

_ENABLED = Path("/sys/module/apparmor/parameters/enabled")
_PROFILES = Path("/etc/apparmor.d")


def free_program(program: str, folder: Path) -> str:
    """`program`, or where a profile holds for its path and one may run programs from `folder`: a fresh copy there."""
    if not is_confined(program):
        return program
    copy = folder / Path(program).name
    fresh = copy.with_suffix(".new")
    shutil.copyfile(program, fresh)
    fresh.chmod(0o700)
    fresh.replace(copy)  # the old one may still run
    return str(copy) if os.access(copy, os.X_OK) else program


def is_confined(program: str) -> bool:
    """Does a profile hold for it? Told from files that everybody may read: only root may ask the kernel."""
    try:
        enabled = _ENABLED.read_text("ascii").startswith("Y")
    except OSError:
        return False  # no AppArmor here
    profile = os.path.realpath(program).strip("/").replace("/", ".")
    return enabled and (_PROFILES / profile).exists() and not (_PROFILES / "disable" / profile).exists()
