"""What a message may hold on the SMTP wire: CRLF lines of bounded length, no bare CR or LF, no NUL.  RFC 5321 2.3.8

Servers that disagree about where a message ends can be made to read one message as two (SMTP smuggling).
So nothing but CRLF ends a line here, and a message with any other CR or LF is refused as a whole.
"""

import enum

LONGEST_LINE = 65536
"""Octets before CRLF. RFC 5321 4.5.3.1.6 promises 998; mail in the wild exceeds it."""


class Flaw(enum.IntFlag):
    """Why a message will be refused once it has been read to its end."""

    BARE_LINE_END = 1
    NUL = 2
    LONG_LINE = 4


class Content:
    """Looks at a message block by block and remembers its flaws; the verdict does not depend on the blocks."""

    __slots__ = ("_after_cr", "_in_line", "flaws")

    def __init__(self) -> None:
        self.flaws = Flaw(0)
        self._in_line = 0  # octets since the last line end
        self._after_cr = False  # the last block ended in CR

    @property
    def at_line_start(self) -> bool:
        """Did what was seen so far end with CRLF (or was it nothing)?"""
        return self._in_line == 0 and not self._after_cr

    def inspect(self, block: bytes) -> None:
        """Look at the next octets."""
        if not block:
            return
        if self._after_cr:
            block = b"\r" + block
        self._after_cr = block.endswith(b"\r")
        if self._after_cr:
            block = block[:-1]
        ends = block.count(b"\n")
        if block.count(b"\r\n") != ends or block.count(b"\r") != ends:
            self.flaws |= Flaw.BARE_LINE_END
        if b"\0" in block:
            self.flaws |= Flaw.NUL
        self._measure(block)

    def end(self) -> None:
        """Nothing follows: a CR still waiting for its LF was bare."""
        if self._after_cr:
            self.flaws |= Flaw.BARE_LINE_END

    def _measure(self, block: bytes) -> None:
        """A line may be longer than any block; blocks longer than a line may be are looked at line by line."""
        first = block.find(b"\r\n")
        if first < 0:
            self._in_line += len(block)
            longest = self._in_line
        else:
            last = block.rfind(b"\r\n")
            longest = max(self._in_line + first, len(block) - last - 2)
            if last - first > LONGEST_LINE:
                longest = max(longest, *map(len, block[first:last].split(b"\r\n")))
            self._in_line = len(block) - last - 2
        if longest > LONGEST_LINE:
            self.flaws |= Flaw.LONG_LINE
