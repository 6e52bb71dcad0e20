"""Values every part of the IMAP engine speaks in: states, replies, and the ways a command can go wrong."""

import enum

import msgspec


class State(enum.Flag):
    """RFC 9051 3: where a session is. A command declares in which of them it may be given."""

    NOT_AUTHENTICATED = 1
    AUTHENTICATED = 2
    SELECTED = 4
    LOGOUT = 8


ANY = State.NOT_AUTHENTICATED | State.AUTHENTICATED | State.SELECTED
SIGNED_IN = State.AUTHENTICATED | State.SELECTED


class Touches(enum.Enum):
    """What a command has to do with message sequence numbers, and so what may be reported when it ends."""

    NOTHING = "nothing"  # changes already heard of are reported, expunges too
    USES_NUMBERS = "uses"  # no EXPUNGE may be sent while it runs, unless given by UID.  RFC 9051 7.5.1
    LOOKS = "looks"  # asks the store for changes when it ends: it made some, or asks for them (NOOP)
    QUIET = "quiet"  # reports nothing when it ends: CLOSE, LOGOUT


class Reply(msgspec.Struct, frozen=True, gc=False):
    """The tagged answer. `code` is a response code without its brackets."""

    text: str
    code: bytes = b""
    status: bytes = b"OK"


class BadSyntax(Exception):
    """The client's words do not follow the grammar: tagged BAD. Raised by readers only."""


class Event(enum.StrEnum):
    """RFC 5465 5; AnnotationChange is not among them, since messages have no annotations here (RFC 5257)."""

    MESSAGE_NEW = "MessageNew"
    MESSAGE_EXPUNGE = "MessageExpunge"
    FLAG_CHANGE = "FlagChange"
    MAILBOX_NAME = "MailboxName"
    SUBSCRIPTION_CHANGE = "SubscriptionChange"
    MAILBOX_METADATA_CHANGE = "MailboxMetadataChange"
    SERVER_METADATA_CHANGE = "ServerMetadataChange"
