"""An SMTP client without I/O: one connection, one message after another.  RFC 5321, RFC 3207, RFC 4954

Theory. A client is a conversation (see `conversation.py`): it opens (greeting, EHLO or HELO, STARTTLS and EHLO anew,
AUTH), then wants work. Each shipment is a `Transaction`, which settles every recipient it can: `outcomes[i]` is the
i-th recipient's. When the connection breaks (`fail(Gone(...))`, or by the client's own judgment) the client wants to
close and `failure` says why. Outcomes that are None then may be tried with another host: where the message might have
arrived, they are not None.
"""

import base64

import msgspec

from odmail.delivery.ports import Outcome, RelayLogin, Security, Shipment
from odmail.smtp.conversation import Conversation
from odmail.smtp.replies import Gone, Heard, ReplyReader
from odmail.smtp.transaction import Transaction
from odmail.smtp.types import Need
from odmail.wire.smtp_lines import Broken


class Target(msgspec.Struct, frozen=True):
    """Whom a client talks to, and how."""

    host: str  # as outcomes name it: "mx.example [192.0.2.1]"
    ours: str  # our name for EHLO
    security: Security = Security.OPPORTUNISTIC
    login: RelayLogin | None = None
    chunking: bool = False


class Client(Conversation):
    """See the theory above."""

    __slots__ = ("_replies", "dirty", "ending", "failure", "heard", "keywords", "outcomes", "sent", "target", "tls")

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._replies = ReplyReader()
        self.target = target
        self.tls = ""  # "TLSv1.3 with cipher ..."
        self.keywords: dict[str, str] = {}  # EHLO's, in capitals, with their parameters
        self.outcomes: list[Outcome | None] = []
        self.failure: Heard | None = None
        self.ending = False  # the end of a message is sent, its reply is not here: be patient
        self.dirty = False  # a transaction was left open
        self.sent = 0  # transactions
        self.heard = 0  # replies

    @property
    def reusable(self) -> bool:
        """May another message follow? (RFC 9422 4.1)"""
        return self.want is Need.WORK and self.sent < (self.limit("MAILMAX") or 100)

    # -- for transactions

    def say(self, *commands: str) -> None:
        """Put commands into the output."""
        self._out.extend(command.encode() + b"\r\n" for command in commands)

    def put(self, data: bytes) -> None:
        """Put content into the output."""
        self._out.append(data)

    async def hear(self) -> Heard:
        """The next reply. 421 means good-bye, whatever was asked (RFC 5321 3.8)."""
        heard = None
        while heard is None:
            line = await self.line()
            heard = self._replies.add(b"" if isinstance(line, Broken) else line)
        self.heard += 1
        if heard.code == 421:
            raise Gone(heard.text, heard.code, heard.enhanced or "4.3.2")
        return heard

    async def ask(self, command: str) -> Heard:
        """One command, one reply."""
        self.say(command)
        return await self.hear()

    def overheard(self) -> Heard | None:
        """A reply that came before it was expected: some peers refuse a message half-way and hang up."""
        while isinstance(line := self._lines.next(), bytes):
            if heard := self._replies.add(line):
                return heard
        return None

    def limit(self, name: str) -> int:
        """Of LIMITS (RFC 9422), 0 when not stated."""
        for word in self.keywords.get("LIMITS", "").split():
            key, _, value = word.partition("=")
            if key.upper() == name and value.isascii() and value.isdigit() and len(value) < 10:
                return int(value)
        return 0

    # -- its life

    async def _live(self) -> None:
        try:
            await self._open()
            while (shipment := await Need.WORK) is not None:
                await self._deliver(shipment)
        except Gone as gone:
            self.failure = gone.heard
            return
        self.say("QUIT")

    async def _deliver(self, shipment: Shipment) -> None:
        self.outcomes = [None] * len(shipment.envelope.recipients)
        await Transaction(self, shipment).run()

    async def _open(self) -> None:
        greeting = await self.hear()
        if not greeting.positive:
            raise _gone(greeting)
        await self._introduce()
        if not self.tls and self.target.security is not Security.NONE:
            await self._secure()
        if self.target.login is not None:
            await self._sign_in(self.target.login)

    async def _introduce(self) -> None:
        """EHLO, or HELO for those who know no better (RFC 5321 3.2)."""
        self.keywords = {}
        heard = await self.ask(f"EHLO {self.target.ours}")
        if heard.positive:
            for line in heard.lines[1:]:
                keyword, _, parameters = line.replace("AUTH=", "AUTH ", 1).partition(" ")
                self.keywords.setdefault(keyword.upper(), parameters)
            return
        heard = await self.ask(f"HELO {self.target.ours}")
        if not heard.positive:
            raise _gone(heard)

    async def _secure(self) -> None:
        heard = await self.ask("STARTTLS") if "STARTTLS" in self.keywords else None
        if heard is None or heard.code != 220:
            if not self.target.security.may_be_clear:
                raise Gone("TLS is required here and not offered there", 451, "4.7.4")
            return
        if self.has_input:  # A4: what comes before the handshake is nobody's
            raise Gone("octets behind the reply to STARTTLS", 451, "4.7.5")
        self.tls = await Need.TLS
        await self._introduce()

    async def _sign_in(self, login: RelayLogin) -> None:
        if not self.tls:
            raise Gone("the relay offers no TLS to sign in", 451, "4.7.0")
        offered = self.keywords.get("AUTH", "").upper().split()
        if "PLAIN" in offered:
            heard = await self.ask(f"AUTH PLAIN {_base64(f'{chr(0)}{login.login}{chr(0)}{login.password}')}")
        elif "LOGIN" in offered:
            heard = await self.ask("AUTH LOGIN")
            for answer in (login.login, login.password):
                if heard.code == 334:
                    heard = await self.ask(_base64(answer))
        else:
            raise Gone("the relay offers no way to sign in that is known here", 451, "4.7.0")
        if not heard.positive:
            raise _gone(heard)


def _gone(heard: Heard) -> Gone:
    """A refusal of the connection: no recipient's fault, so another attempt."""
    return Gone(f"{heard.code} {heard.text}", 421, f"4{heard.enhanced[1:]}" if heard.enhanced else "4.3.2")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
