"""USER and PASS, inside TLS only.  RFC 1939 7"""

from collections.abc import Iterable

from odcore.sasl.password import check
from odmail.pop3.entrance import CLEAR_TEXT, Entrant, enter
from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import BadSyntax, Reply, State


async def user(session: Session, argument: bytes) -> Reply:
    """The same for a name that exists and one that does not."""
    if not argument:
        raise BadSyntax("expected a name")
    if not session.secure:
        return CLEAR_TEXT
    session.user = argument
    return Reply("now the password")


async def password(session: Session, argument: bytes) -> Reply:
    """All that follows the space, spaces included."""
    name, session.user = session.user, b""
    if not session.secure:
        return CLEAR_TEXT
    if not name:
        raise BadSyntax("USER comes first")
    return await enter(session, check(Entrant(session), name, argument))


def _capabilities(session: Session) -> Iterable[str]:
    return ("USER",) if session.secure and session.principal is None else ()


VERBS = (
    Verb(b"USER", "1939 7", user, State.AUTHORIZATION, _capabilities),
    Verb(b"PASS", "1939 7", password, State.AUTHORIZATION),
)
