"""Signing in, the same for every mechanism.  RFC 9051 6.2.2, 6.2.3, 11.1"""

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials, Principal
from odmail.imap.faults import refusal
from odmail.imap.ports import House
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply
from odmail.mailbox.api import MailAccount

log = structlog.get_logger()

MAX_LOGIN = 255
MAX_PASSWORD = 256
MAX_FAILURES = 3


CLEAR_TEXT = Reply("Passwords are taken inside TLS only: STARTTLS first", b"PRIVACYREQUIRED", b"NO")
"""The answer to whoever offers one outside of it.  RFC 9051 11.1"""


async def enter(session: Session, login: bytes, password: bytes, authzid: bytes = b"") -> Reply:
    """Sign in and open the mailboxes. Three failures end the connection."""
    if not session.secure:
        return CLEAR_TEXT
    credentials = _credentials(session, login, password, authzid)
    try:
        principal, account = await session.call(_open, session.house, credentials)
    except Fault as fault:
        if fault.kind not in (Kind.LOGIN, Kind.LIMIT):
            raise
        log.info("sign-in-refused", session=session.id, address=session.address, kind=fault.kind.value)
        session.logins += 1
        if session.logins >= MAX_FAILURES:
            session.afterwards = session.hang_up
        return refusal(fault)
    session.sign_in(principal, account)
    log.info("signed-in", session=session.id, address=session.address, person=principal.person.uid, account=account.id)
    return Reply("Signed in", b"CAPABILITY " + session.capabilities())


def _credentials(session: Session, login: bytes, password: bytes, authzid: bytes) -> Credentials:
    if len(login) > MAX_LOGIN or len(password) > MAX_PASSWORD or len(authzid) > MAX_LOGIN:
        raise Fault(Kind.LOGIN, "Wrong user name or password")
    try:
        return Credentials(
            login.decode("utf-8"), password.decode("utf-8"), "imap", session.address, authzid.decode("utf-8")
        )
    except UnicodeDecodeError as error:
        raise BadSyntax("user name and password must be UTF-8") from error


def _open(house: House, credentials: Credentials) -> tuple[Principal, MailAccount]:
    """Blocks."""
    principal = house.sign_in.sign_in(credentials)
    return principal, house.open(principal.account)
