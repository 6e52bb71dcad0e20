"""How far a long command is, told every few seconds so that nobody takes silence for death.  RFC 9585

The thread that works writes the numbers, the server's clock reads them. Only commands that say so in their declaration
are told of: they write whole lines, so that a line of ours can come between any two of theirs.
"""

from odcore import clock
from odmail.imap import writer

INTERVAL = 10.0  # RFC 9585 2.1


class Progress:
    """Of one command."""

    __slots__ = ("_done", "_goal", "_tag", "_told_at")

    def __init__(self, tag: bytes) -> None:
        self._tag = tag
        self._told_at = clock.monotonic()
        self._done = 0
        self._goal = 0  # not known

    def reach(self, done: int, goal: int) -> None:
        """So many of so many messages are done. Any thread may say it."""
        self._done, self._goal = done, goal

    def line(self, now: float) -> bytes:
        """What is to be told now, which mostly is nothing."""
        if now - self._told_at < INTERVAL:
            return b""
        self._told_at = now
        done, goal = self._done, self._goal
        numbers = b"%d %d" % (min(done, goal - 1), goal) if goal else b"NIL NIL"  # RFC 9585 4: below the goal
        return b"* OK [INPROGRESS (%b %b)] Still at work\r\n" % (writer.quoted(self._tag), numbers)
