"""Values of SMTP: states, replies, paths, services, and what a coroutine may wait for.  RFC 5321, RFC 3463"""

import enum
from collections.abc import Callable, Generator
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from odcore.errors import Fault, Kind
from odmail.delivery.ports import Refused

T = TypeVar("T")


class State(enum.Enum):
    """Where a session stands (RFC 5321 4.1.4)."""

    START = "start"  # no EHLO yet, or none since STARTTLS
    READY = "ready"  # no transaction
    MAIL = "mail"  # a sender
    RCPT = "rcpt"  # a sender and recipients
    CHUNKS = "chunks"  # some of the content (RFC 3030)


class Service(msgspec.Struct, frozen=True):
    """What kind of server a port is."""

    name: str  # "mx", "submission", "lmtp"
    sign_in: bool = False  # AUTH is offered, and nothing happens without it (RFC 6409 4.3)
    implicit_tls: bool = False  # RFC 8314 3
    lmtp: bool = False  # RFC 2033


MX = Service("mx")
SUBMISSION = Service("submission", sign_in=True)
SUBMISSIONS = Service("submission", sign_in=True, implicit_tls=True)
LMTP = Service("lmtp", lmtp=True)


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A reply; `text` may have several lines, `enhanced` is "" where none belongs (greeting, EHLO, 3xx)."""

    code: int
    enhanced: str
    text: str

    def encode(self) -> bytes:
        """As it goes over the wire (RFC 5321 4.2.1, RFC 2034 4)."""
        return _encode(self.code, self.enhanced, self.text)


@lru_cache(512)
def _encode(code: int, enhanced: str, text: str) -> bytes:
    """Nearly all replies are the same few."""
    middle = f" {enhanced} " if enhanced else " "
    lines = text.split("\n")
    out = "".join(f"{code}-{middle[1:]}{_tidy(line)}\r\n" for line in lines[:-1])
    return f"{out}{code}{middle}{_tidy(lines[-1])}\r\n".encode("ascii")


def _tidy(text: str) -> str:
    """Printable ASCII, short enough for a reply line (RFC 5321 4.5.3.1.5)."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
    return text[:480]


FAULTS: dict[Kind, tuple[int, str]] = {
    Kind.NOT_FOUND: (550, "5.1.1"),
    Kind.EXISTS: (550, "5.5.0"),
    Kind.DENIED: (550, "5.7.1"),
    Kind.LOGIN: (535, "5.7.8"),
    Kind.OVER_QUOTA: (552, "5.2.2"),
    Kind.TOO_BIG: (552, "5.3.4"),
    Kind.NO_SPACE: (452, "4.3.1"),
    Kind.LIMIT: (452, "4.3.1"),
    Kind.BAD_REQUEST: (550, "5.6.0"),
    Kind.UNSUPPORTED: (554, "5.3.3"),
    Kind.CONFLICT: (451, "4.3.0"),
    Kind.EXPUNGED: (550, "5.2.0"),
    Kind.IN_USE: (450, "4.2.0"),
    Kind.HELD: (550, "5.7.1"),
    Kind.TRY_LATER: (451, "4.3.0"),
    Kind.INTERNAL: (451, "4.3.0"),
}
"""What each kind of failure is called in SMTP (RFC 5321 4.2.3, RFC 3463 3)."""


def refusal(fault: Fault) -> Reply:
    """A Fault as a reply."""
    code, enhanced = FAULTS[fault.kind]
    if isinstance(fault, Refused):
        enhanced = fault.enhanced
    return Reply(code, enhanced, fault.text)


class Path(msgspec.Struct, frozen=True, gc=False):
    """A mailbox as MAIL and RCPT name it (RFC 5321 4.1.2), source route gone.

    `local` is quoted only where it must be; `domain` is in lower case and A-labels, or an address literal.
    """

    local: str
    domain: str

    @property
    def address(self) -> str:
        """As the house knows it: "" for the null path, no "@" only for the bare postmaster."""
        return f"{self.local}@{self.domain}" if self.domain else self.local

    @property
    def needs_smtputf8(self) -> bool:
        """RFC 6531 3.3."""
        return not self.local.isascii()


class Call(Generic[T]):
    """Awaited by a coroutine: the driver runs `run()` where blocking is allowed and sends the result back."""

    __slots__ = ("_args", "_fn")

    def __init__(self, fn: Callable[..., T], *args: Any) -> None:
        self._fn = fn
        self._args = args

    def run(self) -> T:
        """Blocks."""
        return self._fn(*self._args)

    def __await__(self) -> "Generator[Call[T], T, T]":
        return (yield self)


class Soon(Call[T]):
    """A Call for which no thread need wait: `begin(done)` returns at once, `done(result or exception)` comes later.

    The driver may do either.
    """

    __slots__ = ("begin",)

    def __init__(self, begin: "Callable[[Callable[[T | Exception], None]], None]", fn: Callable[[], T]) -> None:
        super().__init__(fn)
        self.begin = begin


class Need(enum.Enum):
    """Awaited by a coroutine: other things only the driver has."""

    INPUT = "input"  # octets: `receive` goes on
    TLS = "tls"  # a handshake, once the output is written: `resume(description)` goes on
    WORK = "work"  # a client: the next shipment
    CLOSE = "close"  # nothing more will happen

    def __await__(self) -> "Generator[Need, Any, Any]":
        return (yield self)


class Pause(msgspec.Struct, frozen=True):
    """Awaited by a coroutine: time. `resume(None)` goes on."""

    seconds: float

    def __await__(self) -> "Generator[Pause, None, None]":
        return (yield self)
