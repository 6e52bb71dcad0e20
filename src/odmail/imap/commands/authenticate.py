"""AUTHENTICATE.  RFC 9051 6.2.2, RFC 4959"""

from odcore.sasl.api import Malformed
from odcore.sasl.engine import decode_initial, find
from odmail.imap.entrance import CLEAR_TEXT, Entrant, enter
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import BadSyntax, Reply, State


@command("AUTHENTICATE", states=State.NOT_AUTHENTICATED, rfc="9051 6.2.2", capability="SASL-IR AUTH=")
async def authenticate(session: Session, args: Reader) -> Reply | None:
    """One SASL exchange, the first response on the command line if the client likes."""
    name = args.word()
    if not session.secure:
        return CLEAR_TEXT
    initial = _initial(args)
    mechanism = find(name.decode("ascii", "replace"), session.house.sign_in, session.channel)
    if mechanism is None:
        return Reply("Unknown mechanism", b"CANNOT", b"NO")
    return await enter(session, mechanism.run(Entrant(session), initial))


def _initial(args: Reader) -> bytes | None:
    """The initial response, decoded; "=" is an empty one.  RFC 4959 3"""
    if not args.take(b" "):
        args.end()
        return None
    try:
        return decode_initial(args.rest())
    except Malformed as malformed:
        raise BadSyntax(str(malformed)) from None
