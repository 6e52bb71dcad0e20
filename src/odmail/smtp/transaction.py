"""One message over one connection, by the client.  RFC 5321 3.3, 2920, 3030, 1870, 6152, 6531, 3461, 8689, 9422

What is known beforehand to be refused is not tried: too big for SIZE, eight-bit without 8BITMIME, SMTPUTF8 without
SMTPUTF8. Recipients go in batches; those the peer finds too many make another batch.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from odcore.blob.api import Body
from odcore.errors import Fault
from odmail.delivery.ports import Shipment
from odmail.queue.model import Recipient
from odmail.smtp.reader import BadSyntax, read_path
from odmail.smtp.replies import Gone, Heard, outcome
from odmail.smtp.types import Call, Path
from odmail.wire.chunks import chunk
from odmail.wire.dotdata import DotWriter, LineEnds

if TYPE_CHECKING:
    from odmail.smtp.client import Client

BLOCK = 65536
Tried = tuple[int, str, Recipient]
"""A recipient's place in the envelope, the address for the wire, the wishes."""

_BATCH = 100  # what every server must take (RFC 5321 4.5.3.1.8)
_TOO_BIG = Heard(552, "5.3.4", ("the message is bigger than the peer takes",))
_EIGHT_BIT = Heard(554, "5.6.3", ("the message has eight-bit content, which the peer does not take",))
_UTF8 = Heard(553, "5.6.7", ("the peer does not take internationalized mail",))
_BAD_ADDRESS = Heard(553, "5.1.3", ("malformed address",))


class Transaction:
    """Settles each recipient in `client.outcomes`."""

    def __init__(self, client: "Client", shipment: Shipment) -> None:
        self._client = client
        self._shipment = shipment
        self._envelope = shipment.envelope
        self._offers = client.keywords
        self._utf8 = "SMTPUTF8" in client.keywords

    async def run(self) -> None:
        """To the last recipient, or Gone."""
        if self._envelope.requiretls and not (self._client.tls and "REQUIRETLS" in self._offers):
            raise Gone("REQUIRETLS is required here and not offered there", 550, "5.7.30")  # RFC 8689 4.2.1
        sender, refusal = await self._check()
        waiting = [] if refusal else self._checked_recipients()
        if refusal:
            self._settle(range(len(self._envelope.recipients)), refusal)
        size = min(_BATCH, self._client.limit("RCPTMAX") or _BATCH)
        while waiting:
            batch, waiting = waiting[:size], waiting[size:]
            waiting = await self._transact(sender, batch) + waiting

    # -- beforehand

    async def _check(self) -> tuple[str, Heard | None]:
        """The sender as MAIL names it, and why the message cannot go at all."""
        envelope, body = self._envelope, self._shipment.body
        try:
            path = read_path(envelope.sender, "5.1.7")
        except BadSyntax:
            return "", _BAD_ADDRESS
        most = self._offers.get("SIZE", "")
        if most.isascii() and most.isdigit() and 0 < int(most[:20]) < body.size:
            return "", _TOO_BIG
        if envelope.body == "8BITMIME" and "8BITMIME" not in self._offers and await Call(_has_eight_bit, body):
            return "", _EIGHT_BIT
        if not self._utf8 and (path.needs_smtputf8 or (envelope.smtputf8 and await Call(_has_utf8_header, body))):
            return "", _UTF8
        return path.address, None

    def _checked_recipients(self) -> list[Tried]:
        """Those to be tried: number, address, wishes."""
        found = []
        for number, recipient in enumerate(self._envelope.recipients):
            path = _path(recipient.address)
            if path is None:
                self._settle([number], _BAD_ADDRESS)
            elif path.needs_smtputf8 and not self._utf8:
                self._settle([number], _UTF8)
            else:
                found.append((number, path.address, recipient))
        return found

    # -- the dialogue

    async def _transact(self, sender: str, batch: list[Tried]) -> list[Tried]:
        """One transaction; those who were too many are given back."""
        client = self._client
        if client.dirty:
            await client.ask("RSET")
        client.dirty = True
        client.sent += 1
        commands = [self._mail(sender), *(self._rcpt(address, recipient) for _, address, recipient in batch)]
        pipelining = "PIPELINING" in self._offers
        chunking = client.target.chunking and "CHUNKING" in self._offers
        if pipelining:
            client.say(*commands, *([] if chunking else ["DATA"]))
        accepted, left = await self._envelope_replies(batch, None if pipelining else commands)
        numbers = [number for number, _, _ in accepted]
        if chunking:
            if accepted:
                await self._chunks(numbers)
        elif accepted or pipelining:
            await self._data(numbers, asked=pipelining)
        return left

    async def _envelope_replies(
        self, batch: list[Tried], commands: list[str] | None
    ) -> tuple[list[Tried], list[Tried]]:
        """Who was accepted, and who was one too many. Without PIPELINING commands go one by one."""
        client = self._client
        mail = await (client.ask(commands[0]) if commands else client.hear())
        _expect(mail, 2)
        accepted: list[Tried] = []
        left: list[Tried] = []
        for place, each in enumerate(batch):
            if not mail.positive and commands:
                self._settle([each[0]], mail)
                continue
            heard = await (client.ask(commands[place + 1]) if commands else client.hear())
            _expect(heard, 2)
            if not mail.positive:
                self._settle([each[0]], mail)
            elif heard.positive:
                accepted.append(each)
            elif accepted and _too_many(heard):
                left.append(each)
            else:
                self._settle([each[0]], _softened(heard))
        return accepted, left

    async def _data(self, numbers: Sequence[int], asked: bool) -> None:
        client = self._client
        heard = await (client.hear() if asked else client.ask("DATA"))
        if heard.code != 354:
            _expect(heard, 4)
            self._settle(numbers, heard)
            return
        if not numbers:  # RFC 2920 3.1: the peer waits for a message to nobody
            await client.ask(".")
            return
        try:
            await self._stream()
        except Gone:
            early = client.overheard()
            if early and early.code >= 500:
                self._settle(numbers, early)
            raise
        await self._end(numbers)

    async def _stream(self) -> None:
        writer, offset, last = DotWriter(), 0, False
        while not last:
            block, last = await self._read(offset)
            offset += len(block)
            self._client.put(writer.feed(block))
        self._client.put(writer.finish())

    async def _chunks(self, numbers: Sequence[int]) -> None:
        """Each chunk's reply is awaited: one that is refused ends the transaction."""
        ends, offset, last = LineEnds(), 0, False
        while not last:
            block, last = await self._read(offset)
            offset += len(block)
            self._client.put(chunk(ends.feed(block) + (ends.finish() if last else b""), last))
            if last:
                await self._end(numbers)
                return
            heard = await self._client.hear()
            _expect(heard, 2)
            if not heard.positive:
                self._settle(numbers, heard)
                return

    async def _end(self, numbers: Sequence[int]) -> None:
        """The reply that passes the message on, or not. Without it the peer may have it all the same: no other host."""
        client = self._client
        client.ending = True
        try:
            heard = await client.hear()
            _expect(heard, 2)
        except Gone as gone:
            self._settle(numbers, gone.heard)
            raise
        finally:
            client.ending = False
        client.dirty = False
        self._settle(numbers, heard)

    async def _read(self, offset: int) -> tuple[bytes, bool]:
        """A block, and whether it is the last. A message that cannot be read is broken off, never cut short."""
        body = self._shipment.body
        try:
            block: bytes = await Call(body.read, offset, BLOCK)
        except (OSError, Fault) as error:
            raise Gone("the message cannot be read", 451, "4.3.0") from error
        if not block and offset < body.size:
            raise Gone("the message cannot be read", 451, "4.3.0")
        return block, offset + len(block) >= body.size

    def _settle(self, numbers: Sequence[int], heard: Heard) -> None:
        client = self._client
        for number in numbers:
            client.outcomes[number] = outcome(heard, client.target.host, client.tls, "DSN" in self._offers)

    # -- commands

    def _mail(self, sender: str) -> str:
        envelope, offers = self._envelope, self._offers
        words = [f"MAIL FROM:<{sender}>"]
        if "SIZE" in offers:
            words.append(f"SIZE={self._shipment.body.size}")
        if "8BITMIME" in offers and envelope.body == "8BITMIME":
            words.append("BODY=8BITMIME")
        if self._utf8 and (envelope.smtputf8 or not all(each.address.isascii() for each in envelope.recipients)):
            words.append("SMTPUTF8")
        if envelope.requiretls:
            words.append("REQUIRETLS")
        if "DSN" in offers and envelope.ret:
            words.append(f"RET={envelope.ret}")
        if "DSN" in offers and envelope.envid:
            words.append(f"ENVID={_xtext(envelope.envid)}")
        return " ".join(words)

    def _rcpt(self, address: str, recipient: Recipient) -> str:
        words = [f"RCPT TO:<{address}>"]
        if "DSN" in self._offers and recipient.notify:
            words.append(f"NOTIFY={','.join(recipient.notify)}")
        if "DSN" in self._offers and recipient.orcpt:
            kind, _, original = recipient.orcpt.partition(";")
            words.append(f"ORCPT={kind};{_xtext(original)}")
        return " ".join(words)


def _expect(heard: Heard, kind: int) -> None:
    """Replies that fit no command mean that the two sides have lost each other."""
    if heard.code // 100 not in (kind, 4, 5):
        raise Gone(f"unexpected reply {heard.code} {heard.text}", 451, "4.5.0")


def _too_many(heard: Heard) -> bool:
    """Not this recipient's fault (RFC 5321 4.5.3.1.10)."""
    return heard.code in (452, 552) and heard.enhanced in ("", "4.5.3", "5.5.3")


def _softened(heard: Heard) -> Heard:
    """Too many recipients is never final (RFC 5321 4.5.3.1.10)."""
    return Heard(452, "4.5.3", heard.lines) if heard.code == 552 and _too_many(heard) else heard


def _path(address: str) -> Path | None:
    try:
        return read_path(address, "5.1.3") if address else None
    except BadSyntax:
        return None


def _xtext(text: str) -> str:
    """RFC 3461 4, and for UTF-8 RFC 6533 3."""
    return "".join(
        letter
        if "!" <= letter <= "~" and letter not in "+="
        else f"+{ord(letter):02X}"
        if letter.isascii()
        else f"\\x{{{ord(letter):X}}}"
        for letter in text
    )


def _has_eight_bit(body: Body) -> bool:
    """Blocks."""
    offset = 0
    while block := body.read(offset, BLOCK):
        if not block.isascii():
            return True
        offset += len(block)
    return False


def _has_utf8_header(body: Body) -> bool:
    """Blocks."""
    offset, before = 0, b""
    while block := body.read(offset, BLOCK):
        header, end, _ = (before + block).partition(b"\r\n\r\n")
        if end or not header.isascii():
            return not header.isascii()
        offset += len(block)
        before = block[-3:]
    return False
