"""Taking a batch back within a day: those of it whom nobody has used yet."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from odcore import clock
from odcore.directory.admin import Admin
from odcore.directory.bulk.journal import Journal
from odcore.directory.model import Person
from odcore.directory.ops.removal import delete
from odcore.errors import Fault, Kind

TIME = timedelta(hours=24)


class Undone(msgspec.Struct, frozen=True):
    """Uids: who is gone, and who stays, each with why."""

    gone: tuple[str, ...]
    kept: dict[str, str]


def undo(admin: Admin, journal: Journal, mine: Callable[[Person], bool] = lambda _: True) -> Undone:
    """Who is not `mine` any more stays. Fault NOT_FOUND when the sheet made nobody."""
    gone: list[str] = []
    kept: dict[str, str] = {}
    with journal.opened():
        made = [entry for entry in journal.entries().values() if entry.account and not entry.undone]
        if not made:
            raise Fault(Kind.NOT_FOUND, "Nobody was created from this sheet, or all of them are gone already.")
        for entry in made:
            if clock.now() - entry.at > TIME:
                kept[entry.uid] = "created more than 24 hours ago"
                continue
            try:
                _remove(admin, entry.account, mine)
            except Fault as fault:
                if fault.kind is Kind.TRY_LATER:
                    raise
                if fault.kind is not Kind.NOT_FOUND:
                    kept[entry.uid] = fault.text
                    continue
            journal.undone(entry)
            gone.append(entry.uid)
    return Undone(tuple(gone), kept)


def _remove(admin: Admin, account: str, mine: Callable[[Person], bool]) -> None:
    person = admin.directory.person(account)
    if not mine(person):
        raise Fault(Kind.DENIED, "belongs to somebody else meanwhile")
    if person.password_set or admin.directory.device_passwords(person.id):
        raise Fault(Kind.IN_USE, "has set a password already")
    delete(admin, person)
