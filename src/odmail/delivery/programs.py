"""Scripts ready to run: the site's two around the account's own, each version compiled once.

The site's scripts are files in the folder `sieve` of the data: `before.sieve` and `after.sieve` are run around
everybody's own, others can be included by `include :global`.
"""

import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import msgspec
import structlog

from odcore.ids import AccountId
from odmail.mailbox.scripts import ScriptStore
from odmail.sieve.compiler import Program, compile_script
from odmail.sieve.interpreter import Script
from odmail.sieve.limits import SCRIPT
from odmail.sieve.model import ScriptError

log = structlog.get_logger()

_KEPT = 500
"""Compiled scripts of accounts that are kept, the latest used."""

_SUFFIX = ".sieve"


class Chosen(msgspec.Struct, frozen=True):
    """What is to be run for an account. `version` and `broken` are of its own script."""

    scripts: tuple[Script, ...] = ()
    version: int = 0
    broken: str = ""  # why the account's own script cannot be run


class SiteScripts:
    """The administrator's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._compiled: dict[str, tuple[int, Script | None]] = {}

    def find(self, name: str) -> Script | None:
        """None when there is no such file, or it is not valid: that is logged once for each version of the file."""
        path = self._path(name)
        try:
            stamp = os.stat(path).st_mtime_ns
        except OSError:
            self._compiled.pop(name, None)
            return None
        known = self._compiled.get(name)
        if known is None or known[0] != stamp:
            known = self._compiled[name] = (stamp, self._compile(path, name))
        return known[1]

    def text(self, name: str) -> str | None:
        """For `include :global`."""
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            return None
        try:
            return self._path(name).read_text("utf-8")[:SCRIPT]
        except (OSError, UnicodeDecodeError):
            return None

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"

    def _compile(self, path: Path, name: str) -> Script | None:
        try:
            return Script(f"site:{name}", compile_script(path.read_bytes()))
        except (OSError, ScriptError) as error:
            log.error("site_script_not_run", script=str(path), reason=str(error))
            return None


class Programs:
    """Safe to share between threads."""

    def __init__(self, site: SiteScripts) -> None:
        self.site = site
        self._lock = Lock()
        self._own: OrderedDict[AccountId, tuple[int, str, Program | str]] = OrderedDict()

    def choose(self, account: AccountId, store: ScriptStore) -> Chosen:
        """Nothing to run is the usual case, and costs one look into the account."""
        own, version = self._find_own(account, store)
        broken = own if isinstance(own, str) else ""
        middle = None if own is None or isinstance(own, str) else own
        found = (self.site.find("before"), middle, self.site.find("after"))
        return Chosen(tuple(each for each in found if each is not None), version, broken)

    def _find_own(self, account: AccountId, store: ScriptStore) -> tuple[Script | str | None, int]:
        """The account's script, or why it cannot be run, or None."""
        with self._lock:
            known = self._own.get(account)
        active = store.active_script(known[0] if known else 0)
        if active is None:
            return None, 0
        if active.text is not None:
            known = (active.version, active.name, _compiled(active.text))
            self._keep(account, known)
        assert known is not None
        program = known[2]
        return (program if isinstance(program, str) else Script(known[1], program)), known[0]

    def _keep(self, account: AccountId, known: tuple[int, str, Program | str]) -> None:
        with self._lock:
            self._own[account] = known
            self._own.move_to_end(account)
            while len(self._own) > _KEPT:
                self._own.popitem(last=False)


def _compiled(text: str) -> Program | str:
    """It was checked when it was put; an older or newer program may see it otherwise."""
    try:
        return compile_script(text)
    except ScriptError as error:
        return str(error)
