"""What the store tells and takes: collections, items, changes."""

import enum
from datetime import tzinfo

import msgspec

from odcore.ids import AccountId
from oddav.facts import Facts


class Kind(enum.StrEnum):
    """What a collection holds."""

    CALENDAR = "calendar"
    CONTACTS = "contacts"
    INBOX = "inbox"  # RFC 6638 2.2
    OUTBOX = "outbox"  # RFC 6638 2.1


class Right(enum.IntEnum):
    """How far somebody is let into a collection: each includes those below it."""

    NONE = 0
    FREE_BUSY = 1  # when something happens, and nothing of what
    READ = 2
    WRITE = 3
    OWN = 4  # make, delete, share


class Share(msgspec.Struct, frozen=True):
    """One entry of a collection's list."""

    collection: str
    subject: str
    right: Right
    giver: str = ""


class Notes(msgspec.Struct, frozen=True):
    """Properties that a guest sets on a collection of `owner`'s: XML by name; None takes away."""

    owner: str
    collection: int
    properties: dict[str, str | None]


class Collection(msgspec.Struct):
    """A collection's row. Fields are the columns."""

    collection: int
    name: str  # in its path
    kind: Kind
    components: str  # "VEVENT,VTODO"; "VCARD"
    epoch: str
    modseq: int
    floor: int
    items: int
    modified: int
    source: str = ""  # where it comes from, when others keep it: its people only read it

    @property
    def token(self) -> str:
        """Of the state as it is: for `Store.changes`."""
        return self.token_at(self.modseq)

    def token_at(self, modseq: int) -> str:
        """RFC 6578 4: a URI that says nothing."""
        return f"data:,{self.epoch}-{modseq}"


class Item(msgspec.Struct):
    """A resource without its octets. Fields are the columns."""

    item: int
    href: str
    uid: str
    etag: str  # in quotes: a digest of the octets
    component: str
    exact_until: int
    size: int
    modseq: int
    modified: int
    schedule_tag: str  # in quotes; "" of what nobody is invited to


class Create(msgspec.Struct, frozen=True):
    """A new collection."""

    name: str
    kind: Kind
    components: str
    properties: dict[str, str] = {}
    source: str = ""


class Put(msgspec.Struct, frozen=True):
    """A resource, new or instead of the one of that name."""

    collection: str
    href: str
    octets: bytes
    facts: Facts
    if_match: tuple[str, ...] = ()  # one of these, or any for "*"; () does not ask
    if_none_match: tuple[str, ...] = ()
    schedule_tag: str = ""


class Stored(msgspec.Struct, frozen=True):
    """What a PUT did."""

    etag: str
    created: bool
    verbatim: bool = True  # the octets are those that came
    schedule_tag: str = ""


class Range(msgspec.Struct, frozen=True):
    """Components of one name that happen in a time: seconds since 1970, the end excluded."""

    component: str
    since: int
    until: int
    zone: tzinfo  # of floating times


class Remove(msgspec.Struct, frozen=True):
    """One resource away."""

    collection: str
    href: str
    if_match: tuple[str, ...] = ()


class Move(msgspec.Struct, frozen=True):
    """A resource to another name or collection of the same account."""

    collection: str
    href: str
    to_collection: str
    to_href: str
    overwrite: bool = True
    if_match: tuple[str, ...] = ()


class SetProperties(msgspec.Struct, frozen=True):
    """XML by name in Clark's notation; None takes away."""

    collection: str
    properties: dict[str, str | None]


class Changes(msgspec.Struct, frozen=True):
    """What happened since a token, oldest first."""

    changed: list[Item]
    gone: list[str]
    token: str
    more: bool  # cut short: go on from `token`


class Quiet(msgspec.Struct, frozen=True):
    """Whom a change is not to be told to: subscriptions of one person's devices, None for all of them."""

    person: AccountId
    ids: frozenset[str] | None = None


class CollectionHint(msgspec.Struct, frozen=True, tag="collection", gc=False):
    """Broadcast after each commit. Whoever cares reads `changes`; a lost hint delays, and makes nothing wrong."""

    account: AccountId
    collection: int
    modseq: int
