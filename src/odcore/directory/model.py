"""Who there is: people, posts with dated charges, offices, groups, aliases, domains."""

import enum
from datetime import datetime

import msgspec

from odcore.ids import AccountId


class State(enum.StrEnum):
    """Of a person, post, group or alias."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Person(msgspec.Struct, frozen=True):
    """A human being with a lifelong, name-based address (inetOrgPerson)."""

    id: AccountId  # entryUUID
    dn: str
    uid: str  # canonical login, as the directory spells it
    name: str
    addresses: tuple[str, ...]  # the primary one first, as spelled in the directory
    state: State = State.ACTIVE
    given_name: str = ""
    family_name: str = ""
    names: dict[str, str] = {}  # language tag ("or", "hi") to name
    office: AccountId | None = None
    title: str = ""
    mobile: str = ""
    language: str = ""  # tag of the one chosen, "" for none
    employee_number: str = ""
    quota: int = 0  # octets, 0: the site's default
    expires: datetime | None = None  # retirement or end of contract
    contractor: bool = False  # no official: others must see it
    password_set: str = ""  # tells one directory password from the next
    telephone: str = ""  # of the office
    home_phone: str = ""
    unlisted: bool = False  # not in the directory book
    created: datetime | None = None  # when the entry was added


class ChargeKind(enum.StrEnum):
    """How a post is held."""

    REGULAR = "regular"
    ADDITIONAL = "additional"
    IN_CHARGE = "in-charge"
    LINK = "link"  # link officer of a vacant post


class FormerRule(enum.StrEnum):
    """What mail to a post does besides, for a while after its holder left."""

    NOTHING = "nothing"
    INFORM = "inform"  # its sender is told who holds the post now
    FORWARD = "forward"  # what names the former holder reaches that person, too


class Charge(msgspec.Struct, frozen=True):
    """A dated fact: `person` holds the post from `start` (included) until `end` (excluded, None: still)."""

    person: AccountId
    start: datetime
    end: datetime | None = None
    order: str = ""  # order number
    kind: ChargeKind = ChargeKind.REGULAR

    def covers(self, instant: datetime) -> bool:
        """Is the post held by this charge at `instant`?"""
        return self.start <= instant and (self.end is None or instant < self.end)


class Post(msgspec.Struct, frozen=True):
    """An office that people hold one after another (organizationalRole); it owns its mailbox."""

    id: AccountId
    dn: str
    cn: str  # canonical name, the local part of the primary address
    title: str
    addresses: tuple[str, ...]
    state: State = State.ACTIVE
    names: dict[str, str] = {}
    office: AccountId | None = None
    charges: tuple[Charge, ...] = ()  # oldest first
    quota: int = 0
    calendar_user: str = ""  # "ROOM", "RESOURCE": answers invitations by itself
    booking_days: int = 0  # ahead; 0: as far as calendars look
    former: FormerRule | None = None  # None: as the site has it
    telephone: str = ""
    unlisted: bool = False  # not in the directory book

    def holders(self, instant: datetime) -> tuple[AccountId, ...]:
        """Who holds the post at `instant`."""
        return tuple(charge.person for charge in self.charges if charge.covers(instant))


class Office(msgspec.Struct, frozen=True):
    """A department, district or office (organizationalUnit)."""

    id: AccountId
    dn: str
    ou: str
    name: str
    names: dict[str, str] = {}
    parent: AccountId | None = None


class Group(msgspec.Struct, frozen=True):
    """A mailing list (groupOfNames). Members are ids of people, posts and groups, or outside addresses."""

    id: AccountId
    dn: str
    cn: str
    name: str
    addresses: tuple[str, ...]
    members: tuple[AccountId, ...] = ()
    outside: tuple[str, ...] = ()
    state: State = State.ACTIVE
    owner: AccountId | None = None  # a person or post: hears of members that cannot be reached
    senders: str = "anybody"  # who may send to it: anybody, "inside" (people of ours), "members"
    unlisted: bool = False  # not in the directory book


class Alias(msgspec.Struct, frozen=True):
    """One more address for something that exists, or for an address outside."""

    id: AccountId
    dn: str
    address: str
    targets: tuple[str, ...]  # addresses
    state: State = State.ACTIVE


class Domain(msgspec.Struct, frozen=True):
    """A mail domain that is ours, as an A-label in lower case."""

    id: AccountId
    dn: str
    name: str
    default: bool = False
    languages: tuple[str, ...] = ()  # of mail the system writes to people who have chosen none, the first first


class AccountKind(enum.StrEnum):
    """Whose mailbox it is."""

    PERSON = "person"
    POST = "post"


class AccountRef(msgspec.Struct, frozen=True):
    """What delivery and protocols need to know of a mailbox's owner."""

    id: AccountId
    kind: AccountKind
    address: str  # primary
    name: str
    quota: int = 0  # octets, 0: the site's default


class Local(msgspec.Struct, frozen=True):
    """`address` leads into the mailbox of `account`; `detail` is what stood after '+'."""

    address: str
    account: AccountRef
    detail: str = ""


class Outside(msgspec.Struct, frozen=True):
    """`address` is not ours to deliver."""

    address: str


class Resolved(msgspec.Struct, frozen=True):
    """Where an address of ours leads once aliases and groups are unfolded; each destination once."""

    local: tuple[Local, ...]
    outside: tuple[Outside, ...] = ()
    group: str = ""  # the list's address when one was unfolded
    owner: str = ""  # its owner's address
    senders: str = "anybody"  # who may send to the list: anybody, "inside", "members"


class DevicePassword(msgspec.Struct, frozen=True):
    """A password or token for one device, made by its owner; the secret itself is known to nobody afterwards."""

    id: str  # the first letters of the secret, which name the entry; twelve of a token's
    owner: AccountId  # the person
    account: AccountId  # what it opens: the person, or a post they hold
    name: str  # "Lenovo laptop"
    scopes: tuple[str, ...]  # "mail", "dav", "drive", "directory"
    created: datetime
    expires: datetime | None = None
    token: bool = False  # a bearer token rather than something to type
