"""Rights to a mailbox: their letters, how they are written, what a list gives to whom.  RFC 4314 2

Rights are kept as a string of letters in one order, so that asking for one is `"r" in rights`.
"""

from collections.abc import Iterable

import msgspec

from odcore.errors import Fault, Kind
from odcore.sharing.api import Owner, Power

ALL = "lrswipkxtea"
NONE = ""

_VIRTUAL = {"c": "kx", "d": "te"}  # RFC 4314 2.1.1
_READ, _WRITE = "lrs", "lrswipkxte"


class Entry(msgspec.Struct, frozen=True):
    """One line of a list. `giver` matters in a post's lists: it ends with that holder's charge."""

    subject: str
    rights: str
    negative: bool = False
    giver: str = ""


def parse(text: str) -> str:
    """Letters in our order, "c" and "d" taken for what they stand for. Fault BAD_REQUEST for any other letter."""
    wanted = "".join(_VIRTUAL.get(letter, letter) for letter in text)
    for letter in wanted:
        if letter not in ALL:
            raise Fault(Kind.BAD_REQUEST, "There is no such right.")
    return in_order(wanted)


def in_order(letters: Iterable[str]) -> str:
    """Each letter once."""
    given = set(letters)
    return "".join(letter for letter in ALL if letter in given)


def shown(rights: str) -> str:
    """With the virtual rights of RFC 2086 that clients of its time look for."""
    return rights + "".join(name for name, members in _VIRTUAL.items() if set(members) & set(rights))


def granted(owner: Owner, entries: Iterable[Entry]) -> str:
    """What the person for whom `owner` was looked up may do in a mailbox with this list."""
    if owner.holds:
        return ALL
    given = set(base(owner.powers))
    taken: set[str] = set()
    for entry in entries:
        if entry.subject in owner.subjects and (owner.givers is None or entry.giver in owner.givers):
            (taken if entry.negative else given).update(entry.rights)
    return in_order(given - taken)


def base(powers: frozenset[Power]) -> str:
    """What a delegate may do in every mailbox of the owner."""
    if Power.WRITE in powers:
        return _WRITE
    return _READ if Power.READ in powers else NONE
