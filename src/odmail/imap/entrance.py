"""Signing in, the same for every mechanism.  RFC 9051 6.2.2, 6.2.3, 11.1"""

import base64
from collections.abc import Coroutine
from typing import Any

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sasl.api import Cancelled, Malformed
from odcore.session import entrant
from odmail.imap.faults import refusal
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply

log = structlog.get_logger()

_REFUSALS = {Kind.LOGIN: b"", Kind.LIMIT: b"", Kind.DENIED: b"CONTACTADMIN"}  # RFC 5530 3

CLEAR_TEXT = Reply("Passwords are taken inside TLS only: STARTTLS first", b"PRIVACYREQUIRED", b"NO")
"""The answer to whoever offers one outside of it.  RFC 9051 11.1"""


class Entrant(entrant.Entrant[Session]):
    """A session that is signing in."""

    service = "imap"

    @property
    def client(self) -> str:
        """See `odcore.sasl.api.Peer`."""
        return self.session.client

    async def exchange(self, challenge: bytes) -> bytes:
        """See `odcore.session.entrant`."""
        self.session.write(b"+ %b\r\n" % base64.b64encode(challenge))
        return await self.session.line()


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
        session.refused()
        return refusal(fault, _REFUSALS[fault.kind])
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid, account=account.id)
    return Reply("Signed in", b"CAPABILITY " + session.capabilities())
