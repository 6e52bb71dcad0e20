"""AUTH, inside TLS only.  RFC 5034"""

from collections.abc import Iterable

from odcore.sasl.api import Malformed
from odcore.sasl.engine import decode_initial, find, offered
from odmail.pop3.entrance import CLEAR_TEXT, Entrant, enter
from odmail.pop3.registry import Verb
from odmail.pop3.session import Session
from odmail.pop3.types import BadSyntax, Reply, State


async def auth(session: Session, argument: bytes) -> Reply:
    """One exchange, the first response on the command line if the client likes."""
    words = argument.split()
    if not 1 <= len(words) <= 2:
        raise BadSyntax("expected AUTH mechanism [initial-response]")
    if not session.secure:
        return CLEAR_TEXT
    mechanism = find(words[0].decode("latin-1"), session.house.sign_in, session.channel)
    if mechanism is None:
        return Reply("unknown mechanism", ok=False)
    try:
        initial = decode_initial(words[1]) if len(words) == 2 else None
    except Malformed as malformed:
        raise BadSyntax(str(malformed)) from None
    return await enter(session, mechanism.run(Entrant(session), initial))


def _capabilities(session: Session) -> Iterable[str]:
    if session.secure and session.principal is None:
        yield " ".join(("SASL", *offered(session.house.sign_in, session.channel)))


VERBS = (Verb(b"AUTH", "5034", auth, State.AUTHORIZATION, _capabilities),)
