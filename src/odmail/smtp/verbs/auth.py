"""AUTH PLAIN and LOGIN, inside TLS only.  RFC 4954, RFC 4616"""

import base64
import binascii
from collections.abc import Iterable

import structlog

from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials
from odmail.smtp.reader import BadSyntax
from odmail.smtp.registry import Guard, Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Call, Reply, State
from odmail.wire.smtp_lines import AUTH_LIMIT, Broken

log = structlog.get_logger()

_LONGEST_LOGIN = 255
_LONGEST_PASSWORD = 256
_OK = Reply(235, "2.7.0", "signed in")
_WRONG = Reply(535, "5.7.8", "sign-in failed")
_FAULTS = {
    Kind.LOGIN: _WRONG,
    Kind.LIMIT: Reply(421, "4.7.0", "too many attempts, try again later"),
    Kind.TRY_LATER: Reply(454, "4.7.0", "sign-in not possible at the moment, try again later"),
}


class _Canceled(Exception):
    """The client sent "*" (RFC 4954 4)."""


async def auth(session: Session, argument: bytes) -> Reply:
    """Once per session (RFC 4954 4)."""
    words = argument.decode("latin-1").split()
    if session.principal is not None:
        return Reply(503, "5.5.1", "already signed in")
    if not words or len(words) > 2:
        raise BadSyntax("expected AUTH mechanism [initial-response]")
    mechanism = _MECHANISMS.get(words[0].upper())
    if mechanism is None:
        return Reply(504, "5.5.4", "mechanism not supported")
    try:
        login, password, authzid = await mechanism(session, words[1] if len(words) == 2 else None)
    except _Canceled:
        return Reply(501, "5.7.0", "canceled")
    return await _sign_in(session, login, password, authzid)


async def _sign_in(session: Session, login: str, password: str, authzid: str) -> Reply:
    if len(login.encode()) > _LONGEST_LOGIN or len(password.encode()) > _LONGEST_PASSWORD:
        raise BadSyntax("login or password too long", "5.5.2")
    sign_in = session.house.sign_in
    if sign_in is None or not login or not password:
        return _WRONG
    offered = Credentials(login, password, "submission", session.peer.address, authzid)
    try:
        session.principal = await Call(sign_in.sign_in, offered)
    except Fault as fault:
        log.info("sign-in-refused", session=session.peer.session, address=session.peer.address, kind=fault.kind.value)
        return _FAULTS.get(fault.kind, _FAULTS[Kind.TRY_LATER])
    log.info("signed-in", session=session.peer.session, person=session.principal.person.id)
    return _OK


async def _plain(session: Session, initial: str | None) -> tuple[str, str, str]:
    """authzid NUL authcid NUL password."""
    parts = (await _respond(session, "") if initial is None else _decode(initial)).split("\0")
    if len(parts) != 3:
        raise BadSyntax("malformed PLAIN response", "5.5.2")
    return parts[1], parts[2], parts[0]


async def _login(session: Session, initial: str | None) -> tuple[str, str, str]:
    """Two questions; some clients answer the first with the command."""
    login = await _respond(session, "Username:") if initial is None else _decode(initial)
    return login, await _respond(session, "Password:"), ""


_MECHANISMS = {"PLAIN": _plain, "LOGIN": _login}


async def _respond(session: Session, challenge: str) -> str:
    session.say(Reply(334, "", base64.b64encode(challenge.encode()).decode()))
    line = await session.line(AUTH_LIMIT)
    if isinstance(line, Broken):
        raise BadSyntax("broken response", "5.5.6")
    if line == b"*":
        raise _Canceled
    return _decode(line.decode("latin-1"))


def _decode(text: str) -> str:
    if text == "=":  # an empty initial response
        return ""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise BadSyntax("not base64 of UTF-8", "5.5.2") from None


def _keywords(session: Session) -> Iterable[str]:
    return ("AUTH PLAIN LOGIN",) if session.tls and session.principal is None else ()


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
