"""Writing access lists so that the register of grants always knows whom they name.

The lists lie in the owner's account and the register beside all accounts, so nothing spans both. The register is told
before a list names somebody, and it may know somebody whom no list names any more: that costs a look and gives nothing.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import msgspec

from odcore.ids import AccountId
from odcore.sharing.api import Register


class Named(msgspec.Struct, frozen=True):
    """The lists of one account in an area."""

    area: str
    account: AccountId
    subjects: Callable[[], Collection[str]]  # whom they name now


@contextmanager
def naming(register: Register, lists: Named, subject: str) -> Iterator[None]:
    """Around a change that gives, changes or takes an entry of `subject`."""
    register.note(lists.area, lists.account, subject)
    try:
        yield
    finally:
        settle(register, lists, subject)


def settle(register: Register, lists: Named, subject: str) -> None:
    """Whoever shares with the subject meanwhile notes it after writing the list, and we look after forgetting."""
    if subject not in lists.subjects():
        register.forget(lists.area, lists.account, subject)
    if subject in lists.subjects():
        register.note(lists.area, lists.account, subject)
    register.changed(lists.account)


def unregistered(register: Register, lists: Named) -> list[str]:
    """Subjects that lists name and the register does not know: nobody would see what is shared with them."""
    return [each for each in lists.subjects() if lists.account not in register.owners(lists.area, frozenset((each,)))]


def mend(register: Register, lists: Named, subjects: list[str]) -> None:
    """Let the register know of them."""
    for subject in subjects:
        register.note(lists.area, lists.account, subject)
    register.changed(lists.account)
