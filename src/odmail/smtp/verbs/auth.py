"""AUTH, inside TLS only.  RFC 4954"""

import base64
from collections.abc import Awaitable, Callable, Iterable
from typing import ParamSpec, TypeVar

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import SignIn
from odcore.sasl.api import Cancelled, Channel, Malformed
from odcore.sasl.engine import decode, decode_initial, find, offered
from odmail.smtp.reader import BadSyntax
from odmail.smtp.registry import Guard, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Call, Reply, State
from odmail.wire.smtp_lines import AUTH_LIMIT, Broken

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

_OK = Reply(235, "2.7.0", "signed in")
_FAULTS = {
    Kind.LOGIN: Reply(535, "5.7.8", "sign-in failed"),
    Kind.TRY_LATER: Reply(454, "4.7.0", "sign-in not possible at the moment, try again later"),
}
_TOLD = {Kind.LIMIT: (421, "4.7.0"), Kind.DENIED: (535, "5.7.1")}
"""Of these the person is told why."""


class Entrant:
    """A session that is signing in: `odcore.sasl.api.Peer`."""

    def __init__(self, session: Session, sign_in: SignIn) -> None:
        self.session = session
        self.sign_in = sign_in

    @property
    def service(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return "submission"

    @property
    def address(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.peer.address

    @property
    def client(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.helo

    @property
    def channel(self) -> Channel:
        """See `odcore.sasl.api.Peer`."""
        return self.session.peer.channel()

    async def ask(self, challenge: bytes) -> bytes:
        """See `odcore.sasl.api.Peer`."""
        self.session.say(Reply(334, "", base64.b64encode(challenge).decode()))
        line = await self.session.line(AUTH_LIMIT)
        if isinstance(line, Broken):
            raise BadSyntax("broken response", "5.5.6")
        if line == b"*":
            raise Cancelled
        return decode(line)

    def call(self, function: Callable[P, T], /, *args: P.args, **_: P.kwargs) -> Awaitable[T]:
        """See `odcore.sasl.api.Peer`."""
        return Call(function, *args)


async def auth(session: Session, argument: bytes) -> Reply:
    """Once per session (RFC 4954 4)."""
    words = argument.split()
    if session.principal is not None:
        return Reply(503, "5.5.1", "already signed in")
    if not words or len(words) > 2:
        raise BadSyntax("expected AUTH mechanism [initial-response]")
    sign_in = session.house.sign_in
    mechanism = find(words[0].decode("latin-1"), sign_in, session.peer.channel()) if sign_in else None
    if mechanism is None or sign_in is None:
        return Reply(504, "5.5.4", "mechanism not supported")
    try:
        initial = decode_initial(words[1]) if len(words) == 2 else None
        principal = await mechanism.run(Entrant(session, sign_in), initial)
        session.sign_in(principal)
    except Cancelled:
        return Reply(501, "5.7.0", "canceled")
    except Malformed as malformed:
        raise BadSyntax(str(malformed), "5.5.2") from None
    except Fault as fault:
        log.info("sign-in-refused", session=session.peer.session, address=session.peer.address, kind=fault.kind.value)
        if fault.kind in _TOLD:
            return Reply(*_TOLD[fault.kind], fault.text)
        return _FAULTS.get(fault.kind, _FAULTS[Kind.TRY_LATER])
    log.info("signed-in", session=session.peer.session, person=principal.person.id)
    return _OK


def _keywords(session: Session) -> Iterable[str]:
    sign_in = session.house.sign_in
    if sign_in is None or not session.tls or session.principal is not None:
        return ()
    return (" ".join(("AUTH", *offered(sign_in, session.peer.channel()))),)


VERBS = (
    Verb(
        "AUTH",
        "4954",
        auth,
        {State.READY: State.READY},
        guard=Guard.TLS,
        keywords=_keywords,
        offered=lambda service: service.sign_in,
    ),
)
