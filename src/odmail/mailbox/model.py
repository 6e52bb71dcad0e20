"""Values of the mail store: mailboxes, rows of messages, flags, bodies."""

import enum
from collections.abc import Iterator, Sequence
from itertools import compress

import msgspec

from odcore.blob.api import Body

SEPARATOR = "/"
INBOX = "INBOX"

LARGEST_ANNOTATION = 64 << 10
"""Octets of one annotation's value."""


class Flag(enum.IntFlag):
    """System flags (RFC 9051 2.3.2) as the store keeps them. Keywords live in a second 63-bit word."""

    SEEN = 1
    ANSWERED = 2
    FLAGGED = 4
    DELETED = 8
    DRAFT = 16


MOST_KEYWORDS = 63
"""Different ones in one account: bits of a word."""


class SpecialUse(enum.StrEnum):
    """RFC 6154 2; NOTES is ours, for Apple Notes, and has no attribute on the wire."""

    ALL = "\\All"
    ARCHIVE = "\\Archive"
    DRAFTS = "\\Drafts"
    FLAGGED = "\\Flagged"
    JUNK = "\\Junk"
    SENT = "\\Sent"
    TRASH = "\\Trash"
    NOTES = "Notes"


BORN_WITH = (
    (INBOX, None),
    ("Drafts", SpecialUse.DRAFTS),
    ("Sent", SpecialUse.SENT),
    ("Junk", SpecialUse.JUNK),
    ("Trash", SpecialUse.TRASH),
    ("Archive", SpecialUse.ARCHIVE),
    ("Notes", SpecialUse.NOTES),
)
"""Mailboxes every account has, subscribed, from its first moment."""


class Mailbox(msgspec.Struct, frozen=True, gc=False):
    """A mailbox and its counters, all from one row: never counted, never dependent on its size."""

    id: int
    name: str  # NFC, '/' between levels, "INBOX" in capitals
    mailbox_id: str  # MAILBOXID (RFC 8474)
    uidvalidity: int
    uidnext: int
    highestmodseq: int
    exists: int
    unseen: int  # for the reader who asked
    deleted: int
    size: int  # octets
    subscribed: bool
    special_use: SpecialUse | None
    selectable: bool = True  # False: only a name above others (\\NonExistent kept for its children)
    recent_from: int = 1  # uids from here on no session has been told of yet (\\Recent, RFC 3501 2.3.2)


class Row(msgspec.Struct, frozen=True, gc=False):
    """One message in one mailbox. Fields not asked for in `Fetch.need` hold their defaults."""

    uid: int
    flags: int  # Flag bits, \\Seen as the asking reader sees it
    keywords: int  # bit n set: keyword `MailAccount.keywords()[n]`
    modseq: int
    message: int  # key of the message: EMAILID is f"M{message}"
    size: int = 0
    received: int = 0  # INTERNALDATE, seconds since the epoch
    saved: int = 0  # SAVEDATE, seconds since the epoch (RFC 8514)
    thread: int = 0  # THREADID is f"T{thread}" (RFC 8474)
    envelope: bytes = b""
    structure: bytes = b""
    preview: str = ""
    header_size: int = 0  # when Need.PART
    header: bytes = b""  # the header block, when Need.HEADER
    outline: bytes = b""  # of the header (message.outline), or NUL and the header block, when Need.OUTLINE
    part: bytes = b""  # message.model.Part as msgpack, when Need.PART
    sort: bytes = b""  # message.model.SortKeys as msgpack, or NUL and the header block, when Need.SORT
    sent: int | None = None  # the Date field, seconds since the epoch, when Need.SENT
    links: bytes = b""  # message.model.Links, likewise, when Need.LINKS
    body: "Body | None" = None  # when Need.BODY


class Rows(msgspec.Struct, frozen=True):
    """Messages of one mailbox as columns, each as long as `uid`; those not asked for are empty. What goes through
    thousands of messages works on columns; to others they are a sequence of `Row`s."""

    uid: Sequence[int]
    flags: Sequence[int] = ()
    keywords: Sequence[int] = ()
    modseq: Sequence[int] = ()
    message: Sequence[int] = ()
    size: Sequence[int] = ()
    received: Sequence[int] = ()
    saved: Sequence[int] = ()
    thread: Sequence[int] = ()
    envelope: Sequence[bytes] = ()
    structure: Sequence[bytes] = ()
    preview: Sequence[str] = ()
    header_size: Sequence[int] = ()
    header: Sequence[bytes] = ()
    outline: Sequence[bytes] = ()
    part: Sequence[bytes] = ()
    sort: Sequence[bytes] = ()
    sent: Sequence[int | None] = ()
    links: Sequence[bytes] = ()
    body: Sequence[Body] = ()
    complete: bool = True  # False: `Fetch.octets` were reached, and messages with greater uids are left

    def __len__(self) -> int:
        return len(self.uid)

    def only(self, wanted: Sequence[object]) -> "Rows":
        """Those for which something true stands at the same place."""
        names = (name for name in Row.__struct_fields__ if getattr(self, name))
        return msgspec.structs.replace(self, **{name: [*compress(getattr(self, name), wanted)] for name in names})

    def __iter__(self) -> Iterator[Row]:
        names = [name for name in Row.__struct_fields__ if getattr(self, name)]
        columns = [getattr(self, name) for name in names]
        for values in zip(*columns, strict=True):
            yield Row(**dict(zip(names, values, strict=True)))


class Need(enum.IntFlag):
    """Which columns a Fetch wants beyond uid, flags, keywords, modseq and message."""

    DATES = 1  # received, saved
    SIZE = 2
    THREAD = 4
    ENVELOPE = 8
    STRUCTURE = 16
    PREVIEW = 32
    HEADER = 64
    PART = 128
    BODY = 256
    SORT = 512
    SENT = 1024
    LINKS = 2048
    OUTLINE = 4096


class Quota(msgspec.Struct, frozen=True, gc=False):
    """RFC 9208: what an account uses and may use. A limit of 0 means none."""

    used: int  # octets
    limit: int
    messages: int
