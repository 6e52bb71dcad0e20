"""Who is let into whose collections: entries in the owner's account, delegations in the register of grants."""

import msgspec

from odcore.sharing.api import COLLECTIONS, Owner, Power, Register
from odcore.sharing.naming import Named, naming, settle
from oddav.store.model import Right, Share
from oddav.store.store import Home


class Granted(msgspec.Struct, frozen=True):
    """What somebody may do in a home: in all of it, and in single collections."""

    whole: Right = Right.NONE
    each: dict[str, Right] = {}

    def of(self, collection: str) -> Right:
        """In this one."""
        return max(self.whole, self.each.get(collection, Right.NONE))

    def __bool__(self) -> bool:
        return bool(self.whole or self.each)


def delegated(owner: Owner) -> Right:
    """What the person for whom `owner` was looked up may do in all that is there."""
    if Power.WRITE in owner.powers:
        return Right.WRITE
    return Right.READ if Power.READ in owner.powers else Right.NONE


def granted(owner: Owner, home: Home) -> Granted:
    """Both together."""
    found: dict[str, Right] = {}
    for each in home.shares():
        if each.subject in owner.subjects and (owner.givers is None or each.giver in owner.givers):
            found[each.collection] = max(each.right, found.get(each.collection, Right.NONE))
    return Granted(delegated(owner), found)


def lists(home: Home) -> Named:
    """For `odcore.sharing.naming`."""
    return Named(COLLECTIONS, home.id, home.subjects)


def share(register: Register, home: Home, new: Share) -> None:
    """Faults NOT_FOUND, LIMIT."""
    with naming(register, lists(home), new.subject):
        home.share(new)


def unshare(register: Register, home: Home, collection: str, subject: str) -> None:
    """Fault NOT_FOUND when it is not shared with them."""
    home.unshare(collection, subject)
    settle(register, lists(home), subject)
