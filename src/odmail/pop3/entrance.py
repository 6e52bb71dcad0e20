"""Signing in, by USER and PASS or by a mechanism.  RFC 1939 4, RFC 5034"""

import base64
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal, SignIn
from odcore.sasl.api import Cancelled, Channel, Malformed
from odcore.sasl.engine import decode
from odmail.pop3.maildrop import Maildrop
from odmail.pop3.session import Session
from odmail.pop3.types import BadSyntax, Reply
from odmail.wire.smtp_lines import AUTH_LIMIT

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

MAX_FAILURES = 3

CLEAR_TEXT = Reply("passwords are taken inside TLS only: STLS first", ok=False)
"""The answer to whoever offers one outside of it.  RFC 2595 4"""


class Entrant:
    """A session that is signing in: `odcore.sasl.api.Peer`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def service(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return "pop3"

    @property
    def address(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.address

    @property
    def client(self) -> str:
        """See `odcore.sasl.api.Peer`: this protocol has no word for it."""
        return ""

    @property
    def sign_in(self) -> SignIn:
        """See `odcore.sasl.api.Peer`."""
        return self.session.house.sign_in

    @property
    def channel(self) -> Channel:
        """See `odcore.sasl.api.Peer`."""
        return self.session.channel

    async def ask(self, challenge: bytes) -> bytes:
        """See `odcore.sasl.api.Peer`."""
        self.session.write(b"+ %b\r\n" % base64.b64encode(challenge))
        line = await self.session.line(AUTH_LIMIT)
        if not isinstance(line, bytes):
            raise Malformed("not a line")
        if line == b"*":
            raise Cancelled
        return decode(line)

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """See `odcore.sasl.api.Peer`."""
        return self.session.call(function, *args, **kwargs)


async def enter(session: Session, exchange: Coroutine[Any, Any, Principal]) -> Reply:
    """Sign in and take hold of the maildrop. Three failures end the connection."""
    try:
        principal = await exchange
    except Cancelled:
        raise BadSyntax("cancelled") from None
    except Malformed as malformed:
        raise BadSyntax(str(malformed)) from None
    except Fault as fault:
        if fault.kind in (Kind.LOGIN, Kind.LIMIT):
            log.info("sign-in-refused", session=session.id, address=session.address, kind=fault.kind.value)
            session.logins += 1
            if session.logins >= MAX_FAILURES:
                session.afterwards = session.hang_up
        raise
    drop = session.maildrop = await session.call(_open, session, principal)
    session.principal = principal
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid)
    return Reply(f"{len(drop)} messages ({drop.total} octets)")


def _open(session: Session, principal: Principal) -> Maildrop:
    """Blocks."""
    return Maildrop(session.house.open(principal.account), principal.reader)
