"""Who is let into which folders, and writing it down so that the register of grants always knows whom they name.

As with mailboxes (`odmail.mailbox.sharing`): the entries lie in the owner's drive, the register beside all accounts. It
is told before an entry names somebody, and may know somebody whom none names any more: that costs a look.
"""

from collections.abc import Iterable

import msgspec

from odcore.ids import AccountId
from odcore.sharing.api import FILES, Owner, Register
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


def share(register: Register, drive: Drive, new: Share) -> None:
    """Faults NOT_FOUND, BAD_REQUEST for what is no folder, LIMIT."""
    register.note(FILES, drive.id, new.subject)
    try:
        drive.share(new)
    finally:
        _settle(register, drive, new.subject)


def unshare(register: Register, drive: Drive, path: str, subject: str) -> None:
    """Fault NOT_FOUND when it is not shared with them."""
    drive.unshare(path, subject)
    _settle(register, drive, subject)


def unregistered(register: Register, drive: Drive) -> list[str]:
    """Subjects that entries name and the register does not know: nobody would see what is shared with them."""
    return [each for each in drive.subjects() if drive.id not in register.owners(FILES, frozenset((each,)))]


def mend(register: Register, account: AccountId, subjects: list[str]) -> None:
    """Let the register know of them."""
    for subject in subjects:
        register.note(FILES, account, subject)
    register.changed(account)


def _settle(register: Register, drive: Drive, subject: str) -> None:
    """Whoever shares with the subject meanwhile notes it after writing the entry, and we look after forgetting."""
    if subject not in drive.subjects():
        register.forget(FILES, drive.id, subject)
    if subject in drive.subjects():
        register.note(FILES, drive.id, subject)
    register.changed(drive.id)
