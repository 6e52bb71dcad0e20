"""DATA's transparency: a message between a line with a lone dot and the command before it.  RFC 5321 4.5.2

Reading: only CRLF "." CRLF ends the data. `DotReader` keeps back at most the four octets that might begin it, so each
block is searched and unstuffed as a whole, never line by line. Flaws (`odmail.wire.content`) never end the data early:
what follows a flaw is still message, never command.

Writing: `DotWriter` doubles leading dots and lets no bare CR or LF pass, whatever it is fed.
"""

import re

from odmail.wire.content import Content, Flaw

END = b"\r\n.\r\n"
_STRAY = re.compile(rb"\r\n|\r|\n")


class DotReader:
    """Takes octets in any split, gives the message's; `done` once the end was seen, `rest` is what came after it."""

    __slots__ = ("_content", "_held", "_skip", "done", "rest")

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self._content = Content()
        self._held = b"\r\n"  # DATA's own line end opens the first line
        self._skip = 2  # and is no part of the message

    @property
    def flaws(self) -> Flaw:
        """Why the message must be refused; final once `done`."""
        return self._content.flaws

    def feed(self, data: bytes) -> bytes:
        """The message's next octets, dots unstuffed. Not to be called once `done`."""
        data = self._held + data
        dot = data.find(END[:3])  # most blocks have none: one search spares two
        end = data.find(END, dot) if dot >= 0 else -1
        if end >= 0:
            self.done = True
            self.rest = data[end + 5 :]
            block = data[: end + 2]
        else:
            keep = _beginning(data)
            self._held = data[len(data) - keep :]
            block = data[: len(data) - keep]
        if not block:
            return b""
        if self._skip:
            block, dotted = block[2:], block[2:3] == b"."
            self._skip = 0
            if dotted:
                block = block[1:]
        if dot >= 0:
            block = block.replace(b"\r\n.", b"\r\n")
        self._content.inspect(block)
        return block


def _beginning(data: bytes) -> int:
    """How many of the last octets might begin the end of data."""
    for size in (4, 3, 2, 1):
        if data.endswith(END[:size]):
            return size
    return 0


class LineEnds:
    """Lets no bare CR or LF pass: each becomes CRLF. For whatever leaves the house (by BDAT as it is)."""

    __slots__ = ("_after_cr",)

    def __init__(self) -> None:
        self._after_cr = False

    def feed(self, data: bytes) -> bytes:
        """The next octets; a CR at their end waits for what follows."""
        if self._after_cr:
            data = b"\r" + data
        self._after_cr = data.endswith(b"\r")
        if self._after_cr:
            data = data[:-1]
        ends = data.count(b"\n")
        if data.count(b"\r\n") == ends == data.count(b"\r"):
            return data
        return _STRAY.sub(b"\r\n", data)

    def finish(self) -> bytes:
        """What waited."""
        waiting, self._after_cr = self._after_cr, False
        return b"\r\n" if waiting else b""


class DotWriter:
    """Takes a message in any split, gives what goes over the wire; `finish` ends it."""

    __slots__ = ("_at_start", "_ends")

    def __init__(self) -> None:
        self._at_start = True
        self._ends = LineEnds()

    def feed(self, data: bytes) -> bytes:
        """The next octets of the wire."""
        return self._stuff(self._ends.feed(data))

    def finish(self) -> bytes:
        """The end of data, after a line end of its own where the message lacks one."""
        last = self._stuff(self._ends.finish())
        return last + (END[2:] if self._at_start else END)

    def _stuff(self, data: bytes) -> bytes:
        if not data:
            return b""
        dotted = self._at_start and data.startswith(b".")
        self._at_start = data.endswith(b"\r\n")
        data = data.replace(b"\r\n.", b"\r\n..")
        return b"." + data if dotted else data
