"""LOGIN.  RFC 9051 6.2.3"""

from odcore.sasl.password import check
from odmail.imap.entrance import CLEAR_TEXT, Entrant, enter
from odmail.imap.reader import Reader
from odmail.imap.registry import command
from odmail.imap.session import Session
from odmail.imap.types import Reply, State


@command("LOGIN", states=State.NOT_AUTHENTICATED, rfc="9051 6.2.3")
async def login(session: Session, args: Reader) -> Reply | None:
    """User name and password."""
    name = args.astring()
    args.space()
    password = args.astring()
    args.end()
    if not session.secure:
        return CLEAR_TEXT
    return await enter(session, check(Entrant(session), name, password))
