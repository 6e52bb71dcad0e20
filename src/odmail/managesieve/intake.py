"""Frames into whole commands, literals folded in.  RFC 5804 1.1, 4

Limits hold before memory is spent: a literal too large is read and dropped, and the command is refused.
"""

import msgspec

from odmail.sieve.limits import SCRIPT
from odmail.wire.lines import Framer, Line, Literal, Overflow, Piece

_STRANGER_LINE = _STRANGER_LITERAL = 8 << 10
_LINE = 16 << 10
_SKIPPED = 64 << 20
"""Octets of a literal that are read only to be dropped; beyond that the conversation ends."""


class Whole(msgspec.Struct, frozen=True, gc=False):
    """A command, or an answer, to be read."""

    data: bytes


class TooLarge(msgspec.Struct, frozen=True, gc=False):
    """A command with a literal that was dropped."""


class Broken(msgspec.Struct, frozen=True, gc=False):
    """The stream cannot go on."""

    text: str


Event = Whole | TooLarge | Broken


class Intake:
    """Feed `framer`, ask for events."""

    __slots__ = ("_dropping", "_literals", "_most", "_parts", "_refused", "_text", "framer")

    def __init__(self) -> None:
        self.framer = Framer(_STRANGER_LINE)
        self._most = _STRANGER_LITERAL
        self._forget()

    def widen(self, *, known: bool) -> None:
        """The client signed in, or is a stranger again."""
        self._most = SCRIPT + _LINE if known else _STRANGER_LITERAL
        self.framer.limit = _LINE if known else _STRANGER_LINE

    def clear(self) -> None:
        """Forget everything: STARTTLS."""
        self.framer.clear()
        self._forget()

    @property
    def most(self) -> int:
        """Octets that may lie here unread before the network is held back."""
        return 2 * self.framer.limit

    def next(self) -> Event | None:
        """What to do next; None when more bytes are needed."""
        while True:
            if not self._parts:
                self.framer.skip_blank()
            frame = self.framer.next()
            if frame is None:
                return None
            event = self._take(frame)
            if event is not None:
                return event

    def _forget(self) -> None:
        self._parts: list[bytes] = []
        self._text = 0
        self._literals = 0
        self._dropping = False
        self._refused = False

    def _take(self, frame: Line | Piece | Overflow) -> Event | None:
        if isinstance(frame, Overflow):
            return Broken("The line is too long")
        if isinstance(frame, Piece):
            if not self._dropping:
                self._parts.append(frame.data)
            self._dropping = self._dropping and not frame.last
            return None
        self._parts.append(frame.data)
        self._text += len(frame.data)
        if self._text > self.framer.limit:
            return Broken("The line is too long")
        return self._finish() if frame.literal is None else self._announce(frame.literal)

    def _announce(self, literal: Literal) -> Event | None:
        """There is no go-ahead in this protocol: the octets come whatever we think of them."""
        if literal.size > _SKIPPED:
            return Broken("The literal is too large")
        self._literals += literal.size
        if self._literals > self._most:
            self._dropping = self._refused = True
        else:
            self._parts.append(b"{%d}\r\n" % literal.size)
        self.framer.take(literal.size)
        return None

    def _finish(self) -> Event:
        data, refused = b"".join(self._parts), self._refused
        self._forget()
        return TooLarge() if refused else Whole(data)
