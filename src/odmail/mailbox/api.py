"""The mail store's port: what protocols may ask of an account. One method, one options struct, one transaction.

All methods are synchronous and may touch the disk: Twisted code reaches them through `odcore.net.hop`.
Every method raises `odcore.errors.Fault` for what may go wrong, and after a commit broadcasts `changes.Hint`s.
`reader` is the person acting when the account is a post's (each holder has their own \\Seen), else "".
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from odcore.blob.api import Incoming, Source
from odcore.ids import AccountId
from odmail.mailbox.acl import Entry
from odmail.mailbox.changes import Changes
from odmail.mailbox.model import Mailbox, Need, Quota, Row, Rows, SpecialUse
from odmail.mailbox.scripts import ScriptStore
from odmail.mailbox.search import Criterion
from odmail.message.model import Parsed

UidRange = tuple[int, int]
"""First and last uid, both included. `(5, 5)` is one message; an upper bound past the end is fine."""


class Snapshot(msgspec.Struct, frozen=True):
    """The uids a session saw at SELECT: those below `uidnext` that were alive at `modseq`.

    `first` and `most` tell how many of them are needed: all from the uid `first` on, and at least the last `most`.
    """

    mailbox: int
    uidnext: int
    modseq: int
    first: int = 1
    most: int = 0


class Since(msgspec.Struct, frozen=True):
    """What happened after `modseq`; messages with uid >= `uidnext` count as added. Of what was expunged after
    `until` nothing is told."""

    mailbox: int
    modseq: int
    uidnext: int
    reader: str = ""
    until: int = (1 << 63) - 1


class Fetch(msgspec.Struct, frozen=True):
    """Rows of the messages in `uids`, ascending. Uids that are gone are simply absent."""

    mailbox: int
    uids: Sequence[UidRange]
    need: Need = Need(0)
    reader: str = ""
    changed_since: int = 0  # only rows with a greater modseq
    octets: int = 0  # stop soon after so many octets of headers, bodies and the like; 0 for no bound


class May(msgspec.Struct, frozen=True):
    """What the person acting may set on messages; the rest stays as it is.  RFC 4314 4"""

    flags: int = 31
    keywords: bool = True


class StoreFlags(msgspec.Struct, frozen=True):
    """STORE: set, add or remove flags and keywords (RFC 9051 6.4.6, RFC 7162 3.1.3)."""

    mailbox: int
    uids: Sequence[UidRange]
    mode: str  # "set", "add", "remove"
    flags: int
    keywords: tuple[str, ...] = ()
    unchanged_since: int | None = None
    reader: str = ""
    may: May = May()


class Stored(msgspec.Struct, frozen=True):
    """`rows` as they now are, ascending by uid; `failed`: uids left alone because they changed meanwhile.

    `modseq` is the mailbox's HIGHESTMODSEQ now and `before` the one it had: who knew the mailbox at `before` knows all.
    """

    rows: list[Row]
    failed: list[int]
    modseq: int
    before: int = 0


class Transfer(msgspec.Struct, frozen=True):
    """COPY or MOVE of `uids` into the mailbox called `target` of the same account."""

    mailbox: int
    uids: Sequence[UidRange]
    target: str
    reader: str = ""
    may: May = May()


class Transferred(msgspec.Struct, frozen=True):
    """COPYUID: `source[i]` became `target[i]`, both ascending. For MOVE `modseq` is the source's new HIGHESTMODSEQ."""

    uidvalidity: int
    source: list[int]
    target: list[int]
    modseq: int


class Expunge(msgspec.Struct, frozen=True):
    """Remove messages with \\Deleted; with `uids`, only among those (UID EXPUNGE, RFC 4315), and when not `marked`
    all of those."""

    mailbox: int
    uids: Sequence[UidRange] | None = None
    marked: bool = True


class Expunged(msgspec.Struct, frozen=True):
    """The uids removed, ascending, the mailbox's new HIGHESTMODSEQ and the one it had before."""

    uids: "array[int]"
    modseq: int
    before: int


class NewMessage(msgspec.Struct, frozen=True):
    """A message about to enter a mailbox."""

    source: Source
    parsed: Parsed
    flags: int = 0
    keywords: tuple[str, ...] = ()
    received: int | None = None  # INTERNALDATE, None for now


class Append(msgspec.Struct, frozen=True):
    """Put messages into one mailbox, all or none."""

    target: str
    messages: Sequence[NewMessage]
    reader: str = ""
    create: bool = False  # make the mailbox when it is missing (delivery into a folder)
    uidnext: int = 0  # only while this is the mailbox's UIDNEXT: nothing has arrived since; 0 does not ask


class Appended(msgspec.Struct, frozen=True):
    """APPENDUID and what a delivery log wants."""

    uidvalidity: int
    uids: list[int]
    messages: list[int]  # keys, for EMAILID
    mailbox: int
    modseq: int


class Replace(msgspec.Struct, frozen=True):
    """REPLACE: message `uid` of `mailbox` leaves, and the one message of `new` enters its mailbox (RFC 8508)."""

    mailbox: int
    uid: int
    new: Append


class Replaced(msgspec.Struct, frozen=True):
    """The new version, and the new HIGHESTMODSEQ of the mailbox that the old one left."""

    appended: Appended
    modseq: int


class Search(msgspec.Struct, frozen=True):
    """Uids in `mailbox` that meet `criterion` (sequence numbers are already uids here).

    `tell` hears how many of the messages that must be read were read, whenever some were.
    """

    mailbox: int
    criterion: Criterion
    reader: str = ""
    tell: Callable[[int, int], None] | None = None


class Found(msgspec.Struct, frozen=True):
    """Uids ascending, and the highest modseq among them."""

    uids: "array[int]"
    modseq: int


class CreateMailbox(msgspec.Struct, frozen=True):
    """CREATE; missing parents are made too."""

    name: str
    special_use: SpecialUse | None = None


class RenameMailbox(msgspec.Struct, frozen=True):
    """RENAME with all below it; INBOX moves its messages instead (RFC 9051 6.3.6)."""

    old: str
    new: str


class Subscribe(msgspec.Struct, frozen=True):
    """SUBSCRIBE or UNSUBSCRIBE; a name need not exist (RFC 9051 6.3.7)."""

    name: str
    on: bool


class SetAcl(msgspec.Struct, frozen=True):
    """SETACL: what `subject` may do (with `negative`: may not do) in the mailbox `name`."""

    name: str
    subject: str
    rights: str
    mode: str = "set"  # "set", "add", "remove"
    negative: bool = False
    giver: str = ""


class DeleteAcl(msgspec.Struct, frozen=True):
    """DELETEACL: `subject` has no (negative) entry any more."""

    name: str
    subject: str
    negative: bool = False


class GetMetadata(msgspec.Struct, frozen=True):
    """GETMETADATA of the mailbox `name`, "" for the server; entries in lower case."""

    name: str
    entries: tuple[str, ...]
    depth: int | None = 0  # levels below the entries named; None for all
    reader: str = ""


class SetMetadata(msgspec.Struct, frozen=True):
    """SETMETADATA: None removes an entry."""

    name: str
    values: dict[str, bytes | None]
    reader: str = ""


class Annotated(msgspec.Struct, frozen=True, gc=False):
    """An entry that changed; mailbox 0 is the server."""

    mailbox: int
    entry: str
    modseq: int


class Annotations(msgspec.Struct, frozen=True):
    """Entries that changed, and the modseq that leads to."""

    modseq: int
    changed: list[Annotated]


class Hold(Protocol):
    """A maildrop held by one alone."""

    def release(self) -> None:
        """Others may have it; the second time does nothing."""


Listed = tuple[tuple[Mailbox, ...], tuple[str, ...]]
"""Mailboxes and subscribed names."""


class MailAccount(ScriptStore, Protocol):
    """One person's or one post's mail."""

    @property
    def id(self) -> AccountId:
        """The directory's stable id."""

    def mailboxes(self, reader: str = "") -> list[Mailbox]:
        """All mailboxes, parents before children, with counters."""

    def listed(self, reader: str = "") -> Listed:
        """The same, and all subscribed names, existing or not."""

    def mailbox(self, name: str, reader: str = "") -> Mailbox:
        """One by name; Fault NOT_FOUND."""

    def create(self, options: CreateMailbox) -> Mailbox: ...

    def delete(self, name: str) -> None:
        """Fault NOT_FOUND; DENIED for INBOX. A mailbox with children stays as a bare name."""

    def rename(self, options: RenameMailbox) -> None: ...

    def subscribe(self, options: Subscribe) -> None: ...

    def take_recent(self, mailbox: int) -> int:
        """The lowest uid that was still \\Recent; afterwards nothing is, for other sessions."""

    def uids(self, snapshot: Snapshot) -> "array[int]":
        """The uids alive at the snapshot, ascending, as array('I')."""

    def changes(self, since: Since) -> Changes: ...

    def keywords(self) -> tuple[str, ...]:
        """Keyword names by bit; the tuple only ever grows."""

    def fetch(self, options: Fetch) -> Rows:
        """All rows of the ranges, unless `octets` ends it early."""

    def store(self, options: StoreFlags) -> Stored: ...

    def copy(self, options: Transfer) -> Transferred: ...

    def move(self, options: Transfer) -> Transferred: ...

    def expunge(self, options: Expunge) -> Expunged: ...

    def incoming(self) -> Incoming: ...

    def append(self, options: Append) -> Appended:
        """Durable when it returns. Faults: NOT_FOUND (mailbox), OVER_QUOTA, LIMIT (keywords), CONFLICT (`uidnext`)."""

    def replace(self, options: Replace) -> Replaced:
        """As `append`; Fault EXPUNGED when the old version is gone."""

    def search(self, options: Search) -> Found: ...

    def quota(self) -> Quota: ...

    def hold(self) -> Hold:
        """The maildrop for oneself (RFC 1939 4); Fault IN_USE. IMAP does not ask."""

    def acl(self, name: str) -> list[Entry]:
        """A mailbox's access list; Fault NOT_FOUND."""

    def acl_above(self, name: str) -> list[Entry]:
        """The list of the nearest mailbox above a name that need not exist."""

    def acls(self) -> dict[int, list[Entry]]:
        """All lists that have an entry, by mailbox."""

    def acl_subjects(self) -> frozenset[str]:
        """Whom any list names."""

    def set_acl(self, options: SetAcl) -> str:
        """What the entry now says; Faults NOT_FOUND, LIMIT."""

    def get_metadata(self, options: GetMetadata) -> dict[str, bytes]:
        """Values by entry; Fault NOT_FOUND."""

    def set_metadata(self, options: SetMetadata) -> int:
        """The modseq of the change; Faults NOT_FOUND, TOO_BIG, LIMIT."""

    def metadata_since(self, modseq: int, reader: str = "") -> Annotations:
        """What changed in all mailboxes."""

    def mailboxes_by_id(self, mailboxes: Sequence[int], reader: str = "") -> list[Mailbox]:
        """Those of them that still exist."""

    def delete_acl(self, options: DeleteAcl) -> None:
        """Fault NOT_FOUND when there is no such mailbox."""


class MailStore(Protocol):
    """All accounts of this node."""

    def open(self, account: AccountId) -> MailAccount:
        """The account, made with its BORN_WITH mailboxes at first sight. Cheap when it is warm."""

    def set_quota(self, account: AccountId, limit: int) -> None:
        """Octets, 0 for none; told by the directory at sign-in and delivery."""

    def keep_house(self, account: AccountId) -> bool:
        """For idle moments: a bounded step of indexing and purging. Whether more is left to do."""
