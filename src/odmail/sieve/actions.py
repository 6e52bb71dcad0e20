"""What a script wants done, in the order it said so."""

import msgspec

REDIRECTED = "X-Sieve-Redirected-From"
"""The field that tells where a redirected message has been; no script takes it away."""


class Filing(msgspec.Struct, frozen=True):
    """Where a copy goes: `fileinto`, `keep`, `:fcc`. An empty mailbox is the one mail comes to anyway."""

    mailbox: str = ""
    flags: tuple[str, ...] = ()
    create: bool = False
    special_use: str = ""  # RFC 8579: the mailbox with this use, else `mailbox`
    mailbox_id: str = ""  # RFC 9042: likewise


class Redirect(msgspec.Struct, frozen=True):
    """The message goes to another address.  RFC 5228 4.2"""

    address: str


class Reject(msgspec.Struct, frozen=True):
    """The message is refused.  RFC 5429"""

    reason: str


class Vacation(msgspec.Struct, frozen=True):
    """An answer, at most once in `seconds` to the same sender.  RFC 5230"""

    reason: str
    seconds: int
    subject: str = ""
    sender: str = ""
    addresses: tuple[str, ...] = ()
    mime: bool = False
    handle: str = ""
    fcc: Filing | None = None


class Notify(msgspec.Struct, frozen=True):
    """Somebody is told of the message.  RFC 5435, RFC 5436"""

    method: str
    message: str = ""
    sender: str = ""
    importance: int = 2
    options: tuple[str, ...] = ()
    fcc: Filing | None = None


class Remember(msgspec.Struct, frozen=True):
    """A duplicate from now on.  RFC 7352"""

    key: str
    seconds: int


Action = Filing | Redirect | Reject | Vacation | Notify


class Outcome(msgspec.Struct, frozen=True):
    """What becomes of one message.

    `keep`: it also goes where mail goes anyway, with these flags; None when the script cancelled that.
    `edited`: the header block instead of the message's own, when the script changed it.
    """

    actions: tuple[Action, ...]
    keep: Filing | None
    remember: tuple[Remember, ...] = ()
    edited: bytes | None = None
    error: str = ""
    implicit: bool = False  # no script said `keep`
    trace: tuple[str, ...] = ()
    cpu: float = 0.0
