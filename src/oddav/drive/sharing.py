"""Who is let into which folders, and writing it down so that the register of grants knows whom the entries name."""

from collections.abc import Iterable

import msgspec

from odcore.sharing.api import FILES, Owner, Register
from odcore.sharing.naming import Named, naming, settle
from oddav.drive.store.drive import Drive
from oddav.drive.store.model import Share
from oddav.drive.store.names import above, below


class Granted(msgspec.Struct, frozen=True):
    """The folders of a drive that somebody may read, and those that they may also change, with all below them."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]

    def ways(self, path: str) -> tuple[str, ...]:
        """The names in `path` on the way to what may be read."""
        found = {each[len(below(path)) :].partition("/")[0] for each in self.reads if each.startswith(below(path))}
        return tuple(sorted(found))


WHOLE = Granted(("/",), ("/",))


def granted(owner: Owner, drive: Drive) -> Granted:
    """What the person for whom `owner` was looked up may do there."""
    given = [
        each
        for each in drive.shares()
        if each.subject in owner.subjects and (owner.givers is None or each.giver in owner.givers)
    ]
    return Granted(tuple(each.path for each in given), tuple(each.path for each in given if each.writes))


def inside(path: str, folders: Iterable[str]) -> bool:
    """Is it one of these, or in one?"""
    given = frozenset(folders)
    return path in given or any(each in given for each in above(path))


def lists(drive: Drive) -> Named:
    """For `odcore.sharing.naming`."""
    return Named(FILES, drive.id, drive.subjects)


def share(register: Register, drive: Drive, new: Share) -> None:
    """Faults NOT_FOUND, BAD_REQUEST for what is no folder, LIMIT."""
    with naming(register, lists(drive), new.subject):
        drive.share(new)


def unshare(register: Register, drive: Drive, path: str, subject: str) -> None:
    """Fault NOT_FOUND when it is not shared with them."""
    drive.unshare(path, subject)
    settle(register, lists(drive), subject)
