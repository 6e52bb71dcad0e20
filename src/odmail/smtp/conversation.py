"""One end of a connection as a coroutine without I/O: octets come in, octets go out, and `want` says what is missing.

    Need.INPUT   more octets: `receive`
    Call         something that blocks: run it elsewhere, then `resume(result)` or `fail(exception)`
    Pause        time: then `resume(None)`
    Need.TLS     write `output()`, do the handshake, then `resume(description)`
    Need.WORK    a client is idle: `resume(shipment)`, or `resume(None)` for good-bye
    Need.CLOSE   write `output()` and hang up

The driver (`server.py`, `sender.py`, or a test) does as `want` says after each of its own calls.
"""

from collections.abc import Coroutine
from typing import Any

from odmail.smtp.types import Call, Need, Pause
from odmail.wire.smtp_lines import COMMAND_LIMIT, Broken, Lines

Want = Call[Any] | Pause | Need


class Conversation:
    """The parts that server and client have in common."""

    __slots__ = ("_life", "_lines", "_out", "want")

    def __init__(self) -> None:
        self._lines = Lines()
        self._out: list[bytes] = []
        self._life: Coroutine[Any, Any, None] = self._live()
        self.want: Want = Need.INPUT

    async def _live(self) -> None:
        """From the first octet to the last."""
        raise NotImplementedError

    # -- for the driver

    def start(self) -> None:
        """Run to the first wish."""
        self.resume(None)

    def receive(self, data: bytes) -> None:
        """Octets came. They wait if something else is wanted, and are nothing to one who has hung up."""
        if self.want is Need.CLOSE:
            return
        self._lines.feed(data)
        if self.want is Need.INPUT:
            self.resume(None)

    def resume(self, value: Any) -> None:
        """What was wanted is here."""
        try:
            self.want = self._life.send(value)
        except StopIteration:
            self.want = Need.CLOSE

    def fail(self, exception: BaseException) -> None:
        """What was wanted failed."""
        try:
            self.want = self._life.throw(exception)
        except StopIteration:
            self.want = Need.CLOSE

    def output(self) -> bytes:
        """What to write now."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def close(self) -> None:
        """Stop where it is."""
        self._life.close()
        self.want = Need.CLOSE

    # -- for the coroutine

    async def line(self, limit: int = COMMAND_LIMIT) -> bytes | Broken:
        """The next line."""
        while (frame := self._lines.next(limit)) is None:
            await Need.INPUT
        return frame

    async def octets(self) -> bytes:
        """Whatever has come, at least one octet."""
        while not self._lines:
            await Need.INPUT
        return self._lines.take()

    def push_back(self, data: bytes) -> None:
        """Octets taken too many: they come first again. Only right after `octets`."""
        if data:
            self._lines.feed(data)

    @property
    def has_input(self) -> bool:
        """Has more come than was read?"""
        return bool(self._lines)
