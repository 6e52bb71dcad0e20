"""STARTTLS: from here on in TLS, and as if nothing had been said before.  RFC 3207"""

from collections.abc import Iterable

from odmail.smtp.reader import BadSyntax
from odmail.smtp.registry import Verb
from odmail.smtp.session import Session
from odmail.smtp.types import Reply, State


async def starttls(session: Session, argument: bytes) -> Reply | tuple[()]:
    """Octets behind the command are an attack (CVE-2011-0411), not a handshake: they end the session."""
    if argument.strip():
        raise BadSyntax("STARTTLS takes no argument")
    if session.tls or not session.house.starttls:
        return Reply(503, "5.5.1", "no STARTTLS now")
    if session.has_input:
        return Reply(421, "4.5.0", "nothing may follow STARTTLS before the handshake")
    session.say(Reply(220, "2.0.0", "go ahead"))
    await session.secure()
    return ()


def _keywords(session: Session) -> Iterable[str]:
    return ("STARTTLS",) if session.house.starttls and not session.tls else ()


VERBS = (Verb("STARTTLS", "3207", starttls, {State.START: State.START, State.READY: State.START}, keywords=_keywords),)
