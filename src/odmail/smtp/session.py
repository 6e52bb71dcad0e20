"""An SMTP or LMTP session from the server's side, without I/O.  RFC 5321, RFC 2033

Theory. A session is a conversation (see `conversation.py`): it takes a frame off the line buffer, runs the verb, says
the replies, and begins again. Whatever needs more than the octets already here is awaited; octets that arrive meanwhile
are only buffered: commands are answered one after another, in order (RFC 2920 3.2).

Where a session stands is one `State`, and it moves by one table, `Table.moves`: (state, verb) -> state after a
positive reply; a pair not in the table is out of sequence. The table is gathered from the verbs' own declarations.
Two things move it besides: STARTTLS back to START, and the end of a message, good or bad, back to READY.
"""

from collections.abc import Sequence

import structlog

from odcore import clock
from odcore.errors import Fault
from odcore.identity.api import Principal
from odmail.queue.model import Envelope, Origin, Recipient
from odmail.smtp import told
from odmail.smtp.conversation import Conversation
from odmail.smtp.intake import Intake, Sending
from odmail.smtp.ports import House, Peer
from odmail.smtp.reader import BadSyntax, Unknown
from odmail.smtp.registry import Guard, Table, Verb
from odmail.smtp.types import Call, Need, Reply, State, refusal
from odmail.wire.content import Flaw
from odmail.wire.smtp_lines import Broken

log = structlog.get_logger()

MOST_ERRORS = 20
MOST_JUNK = 100

_OUT_OF_SEQUENCE = {
    State.START: Reply(503, "5.5.1", "introduce yourself first"),
    State.READY: Reply(503, "5.5.1", "no sender yet: MAIL first"),
    State.MAIL: Reply(503, "5.5.1", "no valid recipients"),
    State.RCPT: Reply(503, "5.5.1", "a transaction has begun: RSET first"),
    State.CHUNKS: Reply(503, "5.5.1", "only BDAT or RSET may follow BDAT"),
}
_BROKEN = {
    Broken.BROKEN: Reply(500, "5.5.2", "commands end with CRLF and hold no NUL"),
    Broken.OVERLONG: Reply(500, "5.5.2", "line too long"),
    Broken.FLOOD: Reply(421, "4.7.0", "line without end"),
}
_UNKNOWN = Reply(500, "5.5.1", "command not recognized")
_TLS_FIRST = Reply(530, "5.7.0", "STARTTLS first")
_SIGN_IN_FIRST = Reply(530, "5.7.0", "sign in first")
_TOO_MANY = Reply(421, "4.7.0", "too many errors")
_INTERNAL = Reply(421, "4.3.0", "internal error")

_SHUTDOWN = Reply(421, "4.3.2", "shutting down, try again soon")
_GOODBYE = Reply(221, "2.7.0", "this is no web server")
_HTTP = {b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT", b"DELETE", b"PATCH", b"TRACE", b"PRI"}


class Session(Conversation):
    """See the theory above."""

    __slots__ = (
        "_dismissed",
        "_errors",
        "_idle",
        "_intake",
        "_junk",
        "extended",
        "helo",
        "house",
        "peer",
        "principal",
        "recipients",
        "sending",
        "state",
        "table",
        "tls",
        "unknown",
    )

    def __init__(self, house: House, table: Table, peer: Peer) -> None:
        super().__init__()
        self.house = house
        self.table = table
        self._errors = 0
        self._junk = 0
        self._dismissed = False
        self._idle = False  # waiting for a command
        self._intake: Intake | None = None
        self.peer = peer
        self.state = State.START
        self.helo = ""
        self.extended = False  # EHLO or LHLO rather than HELO
        self.tls = peer.tls
        self.principal: Principal | None = None
        self.sending: Sending | None = None
        self.recipients: list[Recipient] = []
        self.unknown = 0  # recipients refused

    # -- for the driver

    def dismiss(self) -> None:
        """Shut down: now if nothing is under way, else when the command or message under way is answered."""
        self._dismissed = True
        if self._idle and self.want is Need.INPUT and self._intake is None:
            self.say(_SHUTDOWN)
            self.close()

    def lost(self) -> Call[None] | None:
        """The client is gone: something to clean up, perhaps. Not while a Call is on its way."""
        self.close()
        if self.principal is not None:
            self.house.presence.leave(self.principal.account.id)
            self.principal = None
        return None if self._intake is None else Call(self._intake.discard)

    @property
    def receiving(self) -> Intake | None:
        """The message on its way in, for the driver's watch on its speed."""
        return self._intake

    # -- for the verbs

    def sign_in(self, principal: Principal) -> None:
        """From now on the client is somebody. Fault LIMIT where the account has too many sessions."""
        self.house.presence.enter(principal.account.id)
        self.principal = principal

    def say(self, *replies: Reply) -> None:
        """Put replies into the output."""
        for reply in replies:
            self._out.append(reply.encode())

    def content(self) -> Intake:
        """The message that DATA or BDAT brings, the same one for all chunks."""
        if self._intake is None:
            self._intake = Intake(self.house.gate, self._envelope(), self.origin(), self.principal)
        return self._intake

    async def reset(self) -> None:
        """No transaction; the introduction stands."""
        intake, self._intake = self._intake, None
        self.sending = None
        self.recipients = []
        if self.state is not State.START:
            self.state = State.READY
        if intake is not None:
            await Call(intake.discard)

    async def conclude(self, flaws: Flaw | None = None) -> Sequence[Reply]:
        """The content is complete (`flaws` as DATA found them): the transaction is over, whatever comes of it."""
        intake, recipients = self.content(), self.recipients
        result = await (intake.finish_chunks() if flaws is None else intake.finish(flaws))
        self._intake = None
        await self.reset()
        if isinstance(result, Reply):
            log.info("refused", session=self.peer.session, reply=result.text, size=intake.size)
            return (result,) * (len(recipients) if self.house.service.lmtp else 1)
        self._junk = 0
        log.info("received", session=self.peer.session, id=result.id, size=intake.size, recipients=len(recipients))
        if not self.house.service.lmtp:
            return (Reply(250, "2.0.0", f"queued as {result.id}"),)
        delivered = Reply(250, "2.0.0", f"delivered as {result.id}")
        return tuple(delivered if fault is None else refusal(fault) for fault in result.faults)  # RFC 2033 4.2

    async def secure(self) -> None:
        """The handshake, then everything anew (RFC 3207 4.2)."""
        self._purge()
        self.tls = await Need.TLS
        self._purge()

    def origin(self) -> Origin:
        """For Received, audit and trace."""
        principal = self.principal
        return Origin(
            service=self.house.service.name,
            address=self.peer.address,
            helo=self.helo,
            tls=self.tls,
            person=principal.person.id if principal else None,
            account=principal.account.id if principal else None,
            session=self.peer.session,
        )

    def _purge(self) -> None:
        self._lines.take()
        self.state = State.START
        self.helo = ""
        self.extended = False

    def _envelope(self) -> Envelope:
        sending = self.sending or Sending("")
        return Envelope(
            sender=sending.sender,
            recipients=tuple(self.recipients),
            body=sending.body,
            smtputf8=sending.smtputf8,
            ret=sending.ret,
            envid=sending.envid,
            release=sending.release,
            requiretls=sending.requiretls,
        )

    # -- its life

    async def _live(self) -> None:
        self._out.append(f"220 {self.house.host} {'LMTP' if self.house.service.lmtp else 'ESMTP'} odmail\r\n".encode())
        while not self._dismissed:
            frame = self._lines.next()
            if frame is None:
                self._idle = True
                await Need.INPUT
                self._idle = False
                continue
            replies = await self._answer(frame)
            self.say(*replies)
            if self._ended(replies):
                return
        self.say(_SHUTDOWN)

    def _ended(self, replies: Sequence[Reply]) -> bool:
        """Is it over: by the client's wish, by ours, or because the client makes nothing but trouble?"""
        for reply in replies:
            if reply.code in (221, 421):
                return True
        if self._errors < MOST_ERRORS and self._junk < MOST_JUNK:
            return False
        self.say(_TOO_MANY)
        log.warning("gave-up", session=self.peer.session, errors=self._errors, junk=self._junk)
        return True

    async def _answer(self, frame: bytes | Broken) -> Sequence[Reply]:
        """One frame, answered."""
        if isinstance(frame, Broken):
            self._errors += 1
            return (_BROKEN[frame],)
        word, _, argument = frame.partition(b" ")
        name = word.upper()
        verb = self.table.verbs.get(name.decode("latin-1"))
        if verb is None or not verb.offered(self.house.service):
            self._errors += 1
            return (_GOODBYE if name in _HTTP else _UNKNOWN,)
        before, began = self.state, clock.monotonic()
        sending, recipients = self.sending, self.recipients
        replies = self._refused(verb) or await self._run(verb, argument)
        if not replies:
            return replies
        self.house.measure(verb.name, f"{replies[0].code // 100}xx", clock.monotonic() - began)
        if replies[0].code < 400:
            self._junk += verb.junk
            if self.state is before:
                self.state = self.table.moves[before, verb.name]
        else:
            self._errors += self.principal is None or verb.name != "RCPT"
            self._tell(verb.name, argument, sending, recipients, replies[0])
        return replies

    def _tell(
        self, verb: str, argument: bytes, sending: Sending | None, recipients: Sequence[Recipient], reply: Reply
    ) -> None:
        """Somebody may ask why a message did not come in."""
        if verb in told.TOLD:
            transaction = [sending.sender, *(each.address for each in recipients)] if sending else []
            self.house.note(told.refused(self.origin(), verb, argument, transaction, reply))

    def _refused(self, verb: Verb) -> Sequence[Reply]:
        """Why a verb may not run now, if so."""
        if (self.state, verb.name) not in self.table.moves:
            return (_OUT_OF_SEQUENCE[self.state],)
        if verb.guard is Guard.NONE or not self.house.service.sign_in:
            return ()
        if not self.tls:
            return (_TLS_FIRST,)
        return (_SIGN_IN_FIRST,) if verb.guard is Guard.SIGN_IN and self.principal is None else ()

    async def _run(self, verb: Verb, argument: bytes) -> Sequence[Reply]:
        try:
            replies = await verb.run(self, argument)
        except Unknown as unknown:
            return (Reply(555, unknown.enhanced, unknown.text),)
        except BadSyntax as bad:
            return (Reply(501, bad.enhanced, bad.text),)
        except Fault as fault:
            return (refusal(fault),)
        except Exception:  # the edge: a bug ends this session, never the process
            log.exception("bug", session=self.peer.session, verb=verb.name)
            return (_INTERNAL,)
        return (replies,) if isinstance(replies, Reply) else replies
