"""Who owns the data folder is who works on it: root steps down to that user, anybody else is told whose it is."""

import os
import pwd
from pathlib import Path
from typing import NoReturn

from odcore.errors import Fault, Kind

_PORTS = "--inh-caps=-all,+net_bind_service", "--ambient-caps=-all,+net_bind_service"


def step_down(root: Path) -> None:
    """From here on as the owner of `root`, so that no file made here is closed to the suite. Fault DENIED."""
    owner = _other_owner(root)
    if owner is None:
        return
    group = root.stat().st_gid
    try:
        entry = pwd.getpwuid(owner)
        os.initgroups(entry.pw_name, entry.pw_gid)
        group = entry.pw_gid
    except KeyError:
        os.setgroups([])
    os.setgid(group)
    os.setuid(owner)


def run_as_owner(root: Path, argv: list[str]) -> None:
    """Likewise for a program that listens: begins `argv` anew as the owner, who may still open ports below 1024.

    Root makes no data folder of its own, since the service's user could not work there later.
    """
    if os.geteuid() == 0 and not root.exists():
        text = (
            f"There is no data folder {root} yet. Make it for the service's user: install -d -o odmail -m 0700 {root}"
        )
        raise Fault(Kind.NOT_FOUND, text)
    owner = _other_owner(root)
    if owner is not None:
        _exec(owner, root.stat().st_gid, argv)


def _exec(owner: int, group: int, argv: list[str]) -> NoReturn:
    try:
        entry = pwd.getpwuid(owner)
        groups = [f"--regid={entry.pw_gid}", "--init-groups"]
    except KeyError:
        groups = [f"--regid={group}", "--clear-groups"]
    os.execvp("setpriv", ["setpriv", f"--reuid={owner}", *groups, *_PORTS, "--no-new-privs", "--", *argv])  # noqa: S606


def name(owner: int) -> str:
    """The user's name, or the number where there is none."""
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)


def _other_owner(root: Path) -> int | None:
    """Whom to become; None: nobody else."""
    try:
        owner = root.stat().st_uid
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Fault(Kind.DENIED, f"The data folder {root}: {error.strerror}.") from error
    if owner == os.geteuid():
        return None
    if os.geteuid() != 0:
        who = name(owner)
        or_root = " or root" if owner else ""
        raise Fault(
            Kind.DENIED,
            f"The data folder {root} belongs to {who}: run this as {who}{or_root}, not as {name(os.geteuid())}.",
        )
    return owner
