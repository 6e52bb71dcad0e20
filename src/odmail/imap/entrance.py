"""Signing in, the same for every mechanism.  RFC 9051 6.2.2, 6.2.3, 11.1"""

import base64
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal, SignIn
from odcore.sasl.api import Cancelled, Channel, Malformed
from odcore.sasl.engine import decode
from odmail.imap.faults import refusal
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

MAX_FAILURES = 3

_REFUSALS = {Kind.LOGIN: b"", Kind.LIMIT: b"", Kind.DENIED: b"CONTACTADMIN"}  # RFC 5530 3

CLEAR_TEXT = Reply("Passwords are taken inside TLS only: STARTTLS first", b"PRIVACYREQUIRED", b"NO")
"""The answer to whoever offers one outside of it.  RFC 9051 11.1"""


class Entrant:
    """A session that is signing in: `odcore.sasl.api.Peer`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def service(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return "imap"

    @property
    def address(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.address

    @property
    def client(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.client

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
        line = await self.session.line()
        if line == b"*":
            raise Cancelled
        return decode(line)

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """See `odcore.sasl.api.Peer`."""
        return self.session.call(function, *args, **kwargs)


async def enter(session: Session, exchange: Coroutine[Any, Any, Principal]) -> Reply:
    """Sign in and open the mailboxes. Three failures end the connection."""
    try:
        principal = await exchange
        account = await session.call(session.house.open, principal.account)
        session.sign_in(principal, account)
    except Cancelled:
        raise BadSyntax("cancelled") from None
    except Malformed as malformed:
        raise BadSyntax(str(malformed)) from None
    except Fault as fault:
        if fault.kind not in _REFUSALS:
            raise
        log.info("sign-in-refused", session=session.id, address=session.address, kind=fault.kind.value)
        session.logins += 1
        if session.logins >= MAX_FAILURES:
            session.afterwards = session.hang_up
        return refusal(fault, _REFUSALS[fault.kind])
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid, account=account.id)
    return Reply("Signed in", b"CAPABILITY " + session.capabilities())
