"""Mailbox names: whose mailbox a name means, and what may be done there.  RFC 2342, RFC 9051 5.1, RFC 4314

One's own mailboxes stand at the top. Those of posts held, or that share something, stand below `Posts/<post>/`, those
of people who share something below `Other Users/<uid>/`, each served from the owner's account on behalf of the person
who signed in. A name that leads nowhere and one of a mailbox that may not be looked up are the same thing: nonexistent.
"""

import unicodedata
from collections.abc import Iterable

import msgspec

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sharing.api import Owner, Sharing
from odmail.imap.ports import House
from odmail.mailbox.acl import ALL, NONE, granted
from odmail.mailbox.api import MailAccount, May
from odmail.mailbox.model import SEPARATOR, Flag, Mailbox
from odmail.mailbox.names import normalize

POSTS = "Posts/"
OTHERS = "Other Users/"

MAX_LEVELS = 20

_FLAGS = {
    "s": Flag.SEEN,
    "t": Flag.DELETED,
    "w": Flag.ANSWERED | Flag.FLAGGED | Flag.DRAFT,
}


class Place(msgspec.Struct, frozen=True):
    """A name resolved: `name` in `account`, acted on by `reader` with `rights`. `owner`: when it is not one's own."""

    account: MailAccount
    name: str
    reader: str = ""
    prefix: str = ""
    rights: str = ALL
    owner: Owner | None = None

    @property
    def title(self) -> str:
        """What the client calls it."""
        return self.prefix + self.name

    @property
    def is_shared(self) -> bool:
        """Is it somebody else's, also when all may be done there?"""
        return self.owner is not None

    @property
    def may(self) -> May:
        """What may be set on messages there.  RFC 4314 4"""
        return may(self.rights)

    def require(self, right: str) -> None:
        """Fault when this right is missing: nobody learns of what they may not look up."""
        if right not in self.rights:
            raise forbidden(self.rights)

    def mailbox(self, right: str) -> Mailbox:
        """Its row. Faults as `require`; NOT_FOUND for a name that only stands above others. Blocks."""
        self.require(right)
        box = self.account.mailbox(self.name, self.reader)
        if not box.selectable:
            raise nonexistent()
        return box

    def require_above(self, right: str) -> None:
        """The same for the nearest mailbox above this name. Blocks."""
        if self.owner is not None:
            rights = granted(self.owner, self.account.acl_above(self.name))
            if right not in rights:
                raise forbidden(rights)


def nonexistent() -> Fault:
    """The one answer for what is not there and for what must not be seen.  RFC 4314 6"""
    return Fault(Kind.NOT_FOUND, "No such mailbox")


def forbidden(rights: str) -> Fault:
    """The answer to whoever lacks a right and has `rights`."""
    return Fault(Kind.DENIED, "You may not do that here") if "l" in rights else nonexistent()


def may(rights: str) -> May:
    """What these rights let one set on messages."""
    if rights == ALL:
        return May()
    flags = 0
    for right, these in _FLAGS.items():
        if right in rights:
            flags |= int(these)
    return May(flags, "w" in rights)


def check(name: str) -> None:
    """May a client call a new mailbox so? The store has the last word; these names only no client could list."""
    if name.count(SEPARATOR) >= MAX_LEVELS:
        raise Fault(Kind.LIMIT, "Mailbox name has too many levels")
    if any(letter in name for letter in "%*"):
        raise Fault(Kind.BAD_REQUEST, "Mailbox name has a wildcard")


def labels(owners: Iterable[Owner]) -> dict[str, Owner]:
    """What each is called below its prefix: its label, or its address where two share one."""
    named: dict[str, Owner] = {}
    for owner in owners:
        label = unicodedata.normalize("NFC", owner.label.replace(SEPARATOR, "_"))
        named[label if label not in named else owner.account.address] = owner
    return named


def is_shared(name: str) -> bool:
    """Does the name stand below another account's?"""
    return name.startswith((POSTS, OTHERS)) or f"{name}/" in (POSTS, OTHERS)


def split_shared(name: str) -> tuple[str, str, str] | None:
    """("Posts/", "collector.khordha", "INBOX") for "Posts/collector.khordha/INBOX"; None for a name of one's own."""
    for prefix in (POSTS, OTHERS):
        if name.startswith(prefix) or name == prefix[:-1]:
            label, _, local = name[len(prefix) :].partition(SEPARATOR)
            return prefix, label, normalize(local)
    return None


def owner_called(sharing: Sharing, who: Principal, prefix: str, label: str) -> Owner | None:
    """Whom `label` means below `prefix`, if anything there may be for this person. Blocks."""
    if prefix == OTHERS:
        return sharing.person(who, label)
    return labels(sharing.posts(who)).get(label)


def rights_in(account: MailAccount, owner: Owner, name: str) -> str:
    """What may be done in a mailbox; nothing where there is none. Blocks."""
    if owner.holds:
        return ALL
    try:
        return granted(owner, account.acl(name))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return NONE


def shared_place(house: House, who: Principal, prefix: str, label: str, local: str) -> Place:
    """A name in another account; NOT_FOUND where nothing is shared. Blocks."""
    owner = owner_called(house.sharing, who, prefix, label)
    if owner is None or not local:
        raise nonexistent()
    account = house.open(owner.account)
    return Place(account, local, who.person.id, f"{prefix}{label}/", rights_in(account, owner, local), owner)
