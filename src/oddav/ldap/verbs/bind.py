"""BIND with a name and a password.  RFC 4511 4.2, RFC 4513 5.1"""

import structlog

from odcore.errors import Fault, Kind
from odcore.sasl.api import Malformed
from odcore.sasl.password import check
from odcore.session import entrant
from oddav.ldap import reader
from oddav.ldap.registry import Verb
from oddav.ldap.session import Session
from oddav.ldap.types import Code, Result

log = structlog.get_logger()

_VERSION = 3


class Entrant(entrant.Entrant[Session]):
    """A session that is signing in."""

    service = "ldap"


async def bind(session: Session, message: reader.Message) -> Result:
    """From its beginning on the client is nobody. With no name and no password it stays nobody, which is no failure."""
    asked = reader.bind(message.body)
    session.forget()
    session.forget_pages()
    if asked.version != _VERSION:
        return Result(Code.PROTOCOL_ERROR, "LDAP is spoken here in its version 3.")
    if asked.password is None:
        return Result(Code.AUTH_METHOD_NOT_SUPPORTED, "Sign in with name and password (simple).")
    if not asked.password:
        if asked.name:  # RFC 4513 5.1.2: programs take it for a sign-in that went well
            return Result(Code.UNWILLING_TO_PERFORM, "The password is missing.")
        return Result()
    login = await session.call(session.house.tree.login, asked.name)
    return await _enter(session, login, asked.password)


async def _enter(session: Session, login: str, password: bytes) -> Result:
    """Three failures end the connection."""
    try:
        principal = await check(Entrant(session), login.encode(), password)
        session.admit(principal)
    except Malformed as malformed:
        return Result(Code.PROTOCOL_ERROR, str(malformed))
    except Fault as fault:
        if fault.kind in (Kind.LOGIN, Kind.LIMIT):
            log.info("sign-in-refused", session=session.id, address=session.address, kind=fault.kind.value)
            session.refused()
        raise
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid)
    return Result()


VERBS = (Verb("bind", "4511 4.2", 0x60, 0x61, bind),)
