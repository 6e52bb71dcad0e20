"""A mail transaction: its envelope as MAIL and RCPT build it, then its content as DATA and BDAT bring it.  RFC 5321 3.3

Small messages stay in memory until they are complete and reach the gate in one call; of larger ones no more than
`HOLD` octets are kept, the rest goes to the gate block by block, and the next block is not awaited before that is done.
"""

from functools import partial

import msgspec

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odmail.delivery.ports import Crowded, Delivered, Gate, Inbound
from odmail.queue.model import Envelope, Origin
from odmail.smtp.types import Call, Pause, Reply, Soon, refusal
from odmail.wire.content import Content, Flaw

HOLD = 65536

SMALL = 32768
"""Octets up to which a message, with the lines put in front of it, stays in memory all the way."""

_PATIENCE = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds from one attempt to have a message looked at to the next, where many come at one time."""

_FLAWS = (
    (Flaw.BARE_LINE_END, Reply(550, "5.5.2", "message holds a bare CR or LF")),
    (Flaw.NUL, Reply(550, "5.6.0", "message holds a NUL octet")),
    (Flaw.LONG_LINE, Reply(550, "5.6.0", "message holds a line of more than 65536 octets")),
)


class Sending(msgspec.Struct, frozen=True):
    """What MAIL says of a message."""

    sender: str
    body: str = "7BIT"
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""
    release: int = 0  # not before, seconds since the epoch
    requiretls: bool = False


class Intake:
    """The content of one message, on its way to the gate."""

    __slots__ = (
        "_blocks",
        "_content",
        "_envelope",
        "_fault",
        "_gate",
        "_held",
        "_inbound",
        "_origin",
        "_principal",
        "size",
    )

    def __init__(self, gate: Gate, envelope: Envelope, origin: Origin, principal: Principal | None) -> None:
        self._gate = gate
        self._envelope = envelope
        self._origin = origin
        self._principal = principal
        self._inbound: Inbound | None = None
        self._blocks: list[bytes] = []
        self._held = 0  # octets in _blocks
        self._fault: Reply | None = None
        self._content: Content | None = None
        self.size = 0

    async def add(self, block: bytes) -> None:
        """The next octets. After a refusal they are only counted: a message is always read to its end."""
        self.size += len(block)
        if self.size > self._gate.max_size:
            await self._refuse(Reply(552, "5.3.4", "message too big"))
        if self._fault or not block:
            return
        self._blocks.append(block)
        self._held += len(block)
        if self._held >= HOLD:
            await self._write()

    async def add_chunk(self, block: bytes) -> None:
        """Like `add`, for octets nobody has looked at yet: BDAT announces sizes, not lines."""
        if self._content is None:
            self._content = Content()
        self._content.inspect(block)
        await self.add(block)

    @property
    def refused(self) -> bool:
        """Is it clear already that nothing will come of it?"""
        return self._fault is not None

    async def finish_chunks(self) -> Delivered | Reply:
        """Messages end with a line end, even where BDAT left it away."""
        content = self._content or Content()
        content.end()
        if not content.at_line_start:
            await self.add(b"\r\n")
        return await self.finish(content.flaws)

    async def finish(self, flaws: Flaw) -> Delivered | Reply:
        """What the gate made of the message, or why it was refused."""
        for flaw, reply in _FLAWS:
            if flaw in flaws:
                await self._refuse(reply)
        if self._fault:
            return self._fault
        try:
            return await self._in_turn(self._last(self._taken()))
        except Fault as fault:
            if self._inbound is not None:
                await Call(self.discard)
            return refusal(fault)

    async def _in_turn(self, call: Call[Delivered]) -> Delivered:
        """No thread waits, and nobody for long."""
        for seconds in _PATIENCE:
            try:
                return await call
            except Crowded:
                await Pause(seconds)
                call = Call(self._conclude)
        return await call

    def discard(self) -> None:
        """Blocks: the transaction was given up."""
        inbound, self._inbound = self._inbound, None
        if inbound is not None:
            inbound.discard()

    def _last(self, data: bytes) -> Call[Delivered]:
        """What need not wait for anything but the commit goes without a thread."""
        soon = self._gate.soon(self._origin)
        if soon is None or self._inbound is not None or len(data) > SMALL:
            return Call(self._hand_over, data)
        return Soon(partial(soon, self._envelope, self._origin, data), partial(self._hand_over, data))

    def _taken(self) -> bytes:
        data = b"".join(self._blocks)
        self._blocks.clear()
        self._held = 0
        return data

    async def _write(self) -> None:
        try:
            await Call(self._store, self._taken())
        except Fault as fault:
            await self._refuse(refusal(fault))

    async def _refuse(self, reply: Reply) -> None:
        """The first reason stands."""
        if self._fault:
            return
        self._fault = reply
        self._taken()
        if self._inbound is not None:
            await Call(self.discard)

    def _store(self, data: bytes) -> None:
        """Blocks."""
        if self._inbound is None:
            self._inbound = self._gate.receive(self._envelope, self._origin, self._principal)
        self._inbound.write(data)

    def _hand_over(self, data: bytes) -> Delivered:
        """Blocks. On the way out of any failure nothing stays behind, but for one who may come again."""
        try:
            self._store(data)
        except BaseException:
            self.discard()
            raise
        return self._conclude()

    def _conclude(self) -> Delivered:
        """Blocks."""
        if self._inbound is None:
            raise Fault(Kind.INTERNAL, "no message")
        try:
            delivered = self._inbound.finish()
        except Crowded:
            raise
        except BaseException:
            self.discard()
            raise
        self._inbound = None
        return delivered
