"""Frames into whole commands.  RFC 9051 2.2.1, RFC 7888

A command is collected with its literals folded in, each limit checked when a literal is announced and before it is
taken. The one literal that is not folded is the message of a command that declares `upload` (APPEND, REPLACE): the
command is started with what is known so far, so that it can refuse before the go-ahead, and takes the octets as they
come.
"""

import re
from typing import TYPE_CHECKING

import msgspec

from odmail.wire.lines import Framer, Line, Literal, Overflow, Piece

if TYPE_CHECKING:
    from odmail.imap.registry import Command, Registry

_HEAD = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]++) (?:([Uu][Ii][Dd]) )?([A-Za-z0-9]++)(?: |\Z)')
_TAG = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]{1,200}+)(?: |\Z)')
_HTTP = re.compile(rb"[A-Z]+ [^ ]+ HTTP/[0-9]")


class Limits(msgspec.Struct, frozen=True):
    """In octets, but for `count`."""

    line: int
    literal: int
    literals: int
    count: int


STRANGER = Limits(line=8 << 10, literal=8 << 10, literals=16 << 10, count=10)
"""Before sign-in: room for a user name and a password."""

KNOWN = Limits(line=64 << 10, literal=100 << 10, literals=1 << 20, count=1000)


class Whole(msgspec.Struct, frozen=True, gc=False):
    """A command to run. `upload` is the literal its arguments end before, when it streams one."""

    tag: bytes
    command: "Command"
    uid: bool
    args: bytes
    upload: Literal | None = None


class GoAhead(msgspec.Struct, frozen=True, gc=False):
    """The client waits for "+" before it sends a literal."""


class Refused(msgspec.Struct, frozen=True, gc=False):
    """No command came of it; the stream goes on."""

    tag: bytes
    text: str
    code: bytes = b""


class Broken(msgspec.Struct, frozen=True, gc=False):
    """The stream cannot go on: BAD, BYE, end."""

    tag: bytes
    text: str
    code: bytes = b""


Event = Whole | GoAhead | Refused | Broken


class Intake:
    """Pulls frames while there are any; whoever runs a command pulls its further lines from `framer` itself."""

    __slots__ = ("_count", "_literals", "_parts", "_registry", "_text", "framer", "limits")

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self.limits = STRANGER
        self.framer = Framer(STRANGER.line)
        self._forget()

    def _forget(self) -> None:
        self._parts: list[bytes] | None = None
        self._text = 0
        self._literals = 0
        self._count = 0

    def widen(self) -> None:
        """The client signed in."""
        self.limits = KNOWN
        self.framer.limit = KNOWN.line

    def clear(self) -> None:
        """Forget everything: STARTTLS."""
        self.framer.clear()
        self._forget()

    @property
    def idle(self) -> bool:
        """Is no command half here?"""
        return self._parts is None

    def next(self) -> Event | None:
        """What to do next; None when more bytes are needed."""
        while True:
            if self._parts is None:
                self.framer.skip_blank()  # some phones send a stray line end before a command
            frame = self.framer.next()
            if frame is None:
                return None
            event = self._take(frame)
            if event is not None:
                return event

    def _take(self, frame: Line | Piece | Overflow) -> Event | None:
        if isinstance(frame, Overflow):
            return Broken(self._tag(), "Line too long")
        if self._parts is None:
            self._parts = []
        self._parts.append(frame.data)
        if isinstance(frame, Piece):
            return None
        self._text += len(frame.data)
        if self._text > self.limits.line:
            return Broken(self._tag(), "Line too long")
        return self._finish() if frame.literal is None else self._announce(frame.literal)

    def _announce(self, literal: Literal) -> Event | None:
        """A literal is about to come: stream it, fold it, or refuse it."""
        upload = self._uploading(literal)
        if upload is not None:
            return upload
        self._count += 1
        self._literals += literal.size
        limits = self.limits
        if literal.size > limits.literal or self._literals > limits.literals or self._count > limits.count:
            return self._refuse(literal)
        self._parts.append(b"%b{%d}\r\n" % (b"~" if literal.binary else b"", literal.size))  # type: ignore[union-attr]
        self.framer.take(literal.size)
        return GoAhead() if literal.sync else None

    def _refuse(self, literal: Literal) -> Event:
        tag = self._tag()
        if not literal.sync:  # its octets are already on their way and would be taken for commands
            return Broken(tag, "Literal too large", b"TOOBIG")
        self.framer.refuse()
        self._forget()
        return Refused(tag, "Literal too large", b"TOOBIG")

    def _uploading(self, literal: Literal) -> Whole | None:
        """The command to start now, if this literal is the message it streams and not its mailbox's name."""
        text = b"".join(self._parts or ())
        head = _HEAD.match(text)
        if head is None:
            return None
        command = self._registry.find(head[3].upper(), uid=head[2] is not None)
        if command is None or command.upload is None or text.count(b" ", head.end()) <= command.upload:
            return None
        self._forget()
        return Whole(head[1], command, head[2] is not None, text[head.end() :], literal)

    def _finish(self) -> Event:
        text = b"".join(self._parts or ())
        self._forget()
        head = _HEAD.match(text)
        if head is None and _HTTP.match(text):
            return Broken(b"*", "This is no web server")  # whose body would be commands
        if head is None:
            tag = _TAG.match(text)
            return Refused(tag[1], "No command") if tag else Refused(b"*", "No tag")
        command = self._registry.find(head[3].upper(), uid=head[2] is not None)
        if command is None:
            return Refused(head[1], "Unknown command")
        return Whole(head[1], command, head[2] is not None, text[head.end() :])

    def _tag(self) -> bytes:
        """The tag of the command being collected, "*" when it has none."""
        tag = _TAG.match(self._parts[0]) if self._parts else None
        return tag[1] if tag else b"*"
