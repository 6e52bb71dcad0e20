"""The closed list of things that may go wrong, and the one exception that carries them."""

import enum


class Kind(enum.Enum):
    """Failure kinds. Each edge (SMTP, IMAP, ...) maps every kind exactly once, and a test holds it to that."""

    NOT_FOUND = "not-found"
    EXISTS = "exists"
    DENIED = "denied"
    LOGIN = "login"
    OVER_QUOTA = "over-quota"
    NO_SPACE = "no-space"  # the disk is full: whoever owns the machine can help
    TOO_BIG = "too-big"
    LIMIT = "limit"
    BAD_REQUEST = "bad-request"
    UNSUPPORTED = "unsupported"
    CONFLICT = "conflict"
    EXPUNGED = "expunged"
    IN_USE = "in-use"
    HELD = "held"
    TRY_LATER = "try-later"
    INTERNAL = "internal"


class Fault(Exception):
    """An expected failure. `text` is one line that is safe to show to the person who asked."""

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text

    def __repr__(self) -> str:
        return f"Fault({self.kind.name}, {self.text!r})"
