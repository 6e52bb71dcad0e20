"""A literal that is streamed: the message of an APPEND.  RFC 9051 6.3.12, RFC 3502

The command that declared `upload=True` gets one of these instead of the octets. It checks all it can, then either says
`accept`, takes the pieces and asks for the rest of its line, or gives up at any point: `skip` then brings the stream to
the end of the command, without a go-ahead for what was not yet sent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from odmail.imap.types import BadSyntax
from odmail.wire.lines import Framer, Line, Literal, Overflow, Piece

GO_AHEAD = b"+ Ready\r\n"


class Upload:
    """The message literals of one command, one after another."""

    __slots__ = ("_begun", "_frame", "_framer", "_taking", "_write", "literal")

    def __init__(
        self,
        literal: Literal,
        framer: Framer,
        frame: Callable[[], Awaitable[Line | Piece | Overflow]],
        write: Callable[[bytes], None],
    ) -> None:
        self.literal: Literal | None = literal  # what the line so far ended in
        self._framer = framer
        self._frame = frame
        self._write = write
        self._begun = False  # the literal was asked for
        self._taking = False  # and some of it is still to come

    async def accept(self) -> AsyncIterator[bytes]:
        """Let the literal come, and give out its octets."""
        if self.literal is None:
            raise BadSyntax("expected a message")
        if self.literal.sync:
            self._write(GO_AHEAD)
        self._begin(self.literal.size)
        while self._taking:
            piece = await self._frame()
            if not isinstance(piece, Piece):
                raise TypeError("the framer gave a line inside a literal")
            self._taking = not piece.last
            yield piece.data

    async def more(self) -> bytes:
        """The command's line after the literal, up to its end or to the next literal (then in `literal`)."""
        line = await self._frame()
        if not isinstance(line, Line):
            self.literal = None
            raise BadSyntax("line too long")
        self.literal = line.literal
        self._begun = False
        return line.data

    async def skip(self, most: int) -> bool:
        """Read to the end of the command. False when the client is about to send more than anyone should read."""
        while self.literal is not None:
            if not self._begun:
                if self.literal.sync:
                    self._framer.refuse()
                    return True
                if self.literal.size > most:
                    return False
                self._begin(self.literal.size)
            while self._taking:
                piece = await self._frame()
                self._taking = isinstance(piece, Piece) and not piece.last
            await self.more()
        return True

    def _begin(self, size: int) -> None:
        self._framer.take(size)
        self._begun = self._taking = True
