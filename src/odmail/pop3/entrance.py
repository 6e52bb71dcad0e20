"""Signing in, by USER and PASS or by a mechanism.  RFC 1939 4, RFC 5034"""

import base64
from collections.abc import Coroutine
from typing import Any

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sasl.api import Cancelled, Malformed
from odcore.session import entrant
from odmail.pop3.maildrop import Maildrop
from odmail.pop3.session import Session
from odmail.pop3.types import BadSyntax, Reply
from odmail.wire.smtp_lines import AUTH_LIMIT

log = structlog.get_logger()

CLEAR_TEXT = Reply("passwords are taken inside TLS only: STLS first", ok=False)
"""The answer to whoever offers one outside of it.  RFC 2595 4"""


class Entrant(entrant.Entrant[Session]):
    """A session that is signing in."""

    service = "pop3"

    async def exchange(self, challenge: bytes) -> bytes:
        """See `odcore.session.entrant`."""
        self.session.write(b"+ %b\r\n" % base64.b64encode(challenge))
        line = await self.session.line(AUTH_LIMIT)
        if not isinstance(line, bytes):
            raise Malformed("not a line")
        return line


async def enter(session: Session, exchange: Coroutine[Any, Any, Principal]) -> Reply:
    """Sign in and take hold of the maildrop. Three failures end the connection."""
    try:
        principal = await exchange
        session.admit(principal)
    except Cancelled:
        raise BadSyntax("cancelled") from None
    except Malformed as malformed:
        raise BadSyntax(str(malformed)) from None
    except Fault as fault:
        if fault.kind in (Kind.LOGIN, Kind.LIMIT):
            log.info("sign-in-refused", session=session.id, address=session.address, kind=fault.kind.value)
            session.refused()
        raise
    try:
        drop = session.maildrop = await session.call(_open, session, principal)
    except BaseException:
        session.forget()
        raise
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid)
    return Reply(f"{len(drop)} messages ({drop.total} octets)")


def _open(session: Session, principal: Principal) -> Maildrop:
    """Blocks."""
    return Maildrop(session.house.open(principal.account), principal.reader)
